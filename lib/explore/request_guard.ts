/**
 * Why a request is refused: it was meant for another host, as where another site's name was made to lead to this
 * machine, or another site's page sent it.
 *
 * @param port where the explorer listens.
 * @returns one sentence; nothing where the request is all right.
 */
export function refusalOf({ method, headers }: Request, port: number): string | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const host = headers.get("host") ?? "";
  if (!hosts.includes(host)) return `The explorer answers only at http://${hosts[0]}/.`;
  const site = headers.get("sec-fetch-site");
  const isOwnPage = (headers.get("origin") ?? `http://${host}`) === `http://${host}` &&
    (site === null || site === "same-origin");
  const isJson = headers.get("content-type") === "application/json";
  if (method === "POST" && !(isOwnPage && isJson)) {
    return "The explorer takes requests from its own page only.";
  }
}
