import { ApiError } from "./api_error.ts";

/** Nobody waits for the answer. */
export function gone(): ApiError {
  return new ApiError("The client has gone.", { status: 499, type: "client_gone" });
}

/** The server stops. */
export function serverEnds(): ApiError {
  return new ApiError("The server ends.", { status: 503, type: "server_error" });
}

/** What ends a request before its end: that whoever asked has gone, its time, and the server's end. */
export class RequestEnding implements Disposable {
  readonly #controller = new AbortController();
  readonly #request: Request;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #gone = () => this.stop(gone());

  /** @param seconds how long it may take. */
  constructor(request: Request, seconds: number) {
    this.#request = request;
    this.#timer = setTimeout(() => {
      const message =
        `The request took longer than ${seconds} s: ask for less, or try again later.`;
      this.stop(new ApiError(message, { status: 504, type: "timeout_error", code: "timeout" }));
    }, 1000 * seconds);
    if (request.signal.aborted) this.#gone();
    else request.signal.addEventListener("abort", this.#gone, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(reason: ApiError): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener("abort", this.#gone);
  }
}
