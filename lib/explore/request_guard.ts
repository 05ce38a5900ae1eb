import { isForThisMachine, isFromAnotherSite } from "../http/local_request.ts";

/**
 * Why a request is refused: it was meant for another host, as where another site's name was made to lead to this
 * machine, or another site's page sent it.
 *
 * @param port where the explorer listens.
 * @returns one sentence; nothing where the request is all right.
 */
export function refusalOf(request: Request, port: number): string | undefined {
  if (!isForThisMachine(request, port)) {
    return `The explorer answers only at http://127.0.0.1:${port}/.`;
  }
  const isJson = request.headers.get("content-type") === "application/json";
  if (request.method === "POST" && !(isJson && !isFromAnotherSite(request))) {
    return "The explorer takes requests from its own page only.";
  }
}
