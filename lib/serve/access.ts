import { createHash, timingSafeEqual } from "node:crypto";
import { isForThisMachine, isFromAnotherSite } from "../http/local_request.ts";
import { ApiError, wrongRequest } from "./api_error.ts";

/** Names of this machine that no other machine reaches. */
const loopback = ["127.0.0.1", "localhost", "::1"];

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return loopback.includes(host);
}

/** Who may ask. */
export interface Access {
  readonly key?: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Why a request is refused: it has not the key; or, where only this machine is answered, another site's page sent it, or
 * it was meant for another host, as where another site's name was made to lead here.
 */
export function refusalOf(request: Request, { key, host, port }: Access): ApiError | undefined {
  if (key !== undefined) {
    const given = /^Bearer (.*)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    if (timingSafeEqual(digest(given), digest(key))) return undefined;
    return wrongRequest(
      given === ""
        ? "There is no key: send the server's as a bearer token."
        : "The key is not the server's.",
      { status: 401, code: "invalid_api_key" },
    );
  }
  if (isLoopback(host) && !isForThisMachine(request, port)) {
    return wrongRequest(`The server answers only at http://127.0.0.1:${port}.`, { status: 403 });
  }
  if (isFromAnotherSite(request)) {
    return wrongRequest("Pages of other sites are not answered.", { status: 403 });
  }
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
