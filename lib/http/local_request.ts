/** Whether a request names this machine as its host; another site's name may have been made to lead here. */
export function isForThisMachine({ headers }: Request, port: number): boolean {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]
    .includes(headers.get("host") ?? "");
}

/** Whether the page of another site sent a request. What is no browser says nothing of where it stands. */
export function isFromAnotherSite({ headers }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  const own = `http://${headers.get("host") ?? ""}`;
  return (headers.get("origin") ?? own) !== own || (site !== null && site !== "same-origin");
}
