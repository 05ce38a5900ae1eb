import { delay } from "../delay.ts";
import { parseJson } from "../files/json.ts";
import type { OptionTable, SettledOptions } from "../options/option.ts";
import { signalOption } from "../options/signal_option.ts";

/** How a server is reached, and with how much patience. */
export const completionsClientOptions = {
  key: {
    type: "text",
    flag: false,
    defaultHelp: "the environment variable OPENAI_API_KEY, if it is set",
    help: "sent as a bearer token",
  },
  retries: {
    type: "integer",
    min: 0,
    default: 5,
    flag: false,
    help:
      "how often a request is tried again that met a busy (429), failing (5xx) or unreachable server",
  },
  firstDelay: {
    type: "number",
    min: 0,
    default: 500,
    flag: false,
    help:
      "milliseconds before it is tried again; each further time twice as many, unless the server names a time",
  },
  timeout: {
    type: "number",
    above: 0,
    default: 120_000,
    flag: false,
    help: "milliseconds after which a request counts as lost",
  },
  signal: { ...signalOption, help: "stops requests, and the waiting between them" },
} as const satisfies OptionTable;

/** No server may make a client wait longer than this, in milliseconds. */
const longestDelay = 60_000;

/** A server refused a request for good; `text` is what it said. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";
  constructor(message: string, readonly status: number, readonly text: string) {
    super(message);
  }
}

/** The HTTP side of an OpenAI-compatible server: addresses, the key, errors and patience. */
export class CompletionsClient {
  /** The server's address, ending in `/v1` or what stands for it. */
  readonly root: string;
  /** What follows every path: nothing, or a question mark and more. */
  readonly #query: string;
  readonly #key: string | undefined;
  readonly #retries: number;
  readonly #firstDelay: number;
  readonly #timeout: number;
  readonly #signal: AbortSignal | undefined;

  /**
   * @param url the server: `https://host`, `https://host/v1`, or the whole address that ends in `/completions`. A query, as
   *   in `?api-version=2024-02-01`, goes with every request.
   * @throws {TypeError} if the address is not one of HTTP.
   */
  constructor(
    url: string,
    { key, retries, firstDelay, timeout, signal }: SettledOptions<typeof completionsClientOptions>,
  ) {
    [this.root, this.#query] = partsOf(url);
    this.#key = key ?? (Deno.env.get("OPENAI_API_KEY") || undefined);
    this.#retries = retries;
    this.#firstDelay = firstDelay;
    this.#timeout = timeout;
    this.#signal = signal;
  }

  /**
   * Sends a request, and gives the JSON that comes back. Without `body` it is a GET.
   *
   * @throws {RefusedRequest} if the server refuses it for good.
   * @throws {Error} if the server cannot be reached, stays busy, or answers with something else than JSON.
   * @throws the signal's reason, if that stops it.
   */
  async request(path: string, body?: unknown): Promise<unknown> {
    for (let tried = 1;; tried++) {
      const { json, problem, wait } = await this.#try(path, body);
      if (problem === undefined) return json;
      if (tried > this.#retries) {
        const times = tried === 1 ? "" : ` after ${tried} tries`;
        throw new Error(`${problem}${times}: check that the server runs, or try again later.`);
      }
      const doubled = this.#firstDelay * 2 ** (tried - 1);
      await delay(Math.min(wait ?? doubled, longestDelay), this.#signal);
    }
  }

  /** One try: what came back, or why it is worth another one, and after how long if the server says so. */
  async #try(
    path: string,
    body: unknown,
  ): Promise<{ json?: unknown; problem?: string; wait?: number }> {
    const address = this.root + path + this.#query;
    let response: Response;
    let text: string;
    try {
      response = await fetch(address, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.any([
          AbortSignal.timeout(this.#timeout),
          ...(this.#signal ? [this.#signal] : []),
        ]),
      });
      text = await response.text();
    } catch (cause) {
      this.#signal?.throwIfAborted();
      if (cause instanceof Deno.errors.NotCapable) {
        throw new Error(
          `Cannot reach ${address}: this task may not use the network, so run its variant that ends in :net.`,
          { cause },
        );
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      return { problem: `Cannot reach ${address} (${reason})` };
    }
    const { status, headers } = response;
    if (status === 429 || status >= 500) {
      const problem = `The server at ${address} is busy or failing (${status}${said(text)})`;
      return { problem, wait: delayIn(headers.get("retry-after")) };
    }
    if (!response.ok) throw new RefusedRequest(refusal(address, status, text), status, text);
    try {
      return { json: parseJson(text) };
    } catch {
      throw new Error(
        `The server at ${address} answered with something that is not JSON (${
          excerpt(text)
        }): check that it ` +
          "is an OpenAI-compatible completions server.",
      );
    }
  }
}

function partsOf(url: string): [root: string, query: string] {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new TypeError(`'${url}' is not the address of a server: give one like http://host:8000.`);
  }
  const { protocol, origin, pathname, search, username } = parsed;
  if (protocol !== "http:" && protocol !== "https:") {
    throw new TypeError(`'${url}' is not the address of a server: it must begin with http.`);
  }
  if (username !== "") {
    throw new TypeError("The server's address holds a user's name: give the key by itself.");
  }
  const path = pathname.replace(/\/+$/, "").replace(/\/completions$/, "");
  return [origin + (path === "" ? "/v1" : path), search];
}

function refusal(address: string, status: number, text: string): string {
  const answer = `(${status}${said(text)})`;
  switch (status) {
    case 401:
    case 403:
      return `The server at ${address} refused the key ${answer}: set OPENAI_API_KEY to one that it knows.`;
    case 404:
      return `The server at ${address} knows no such address or model ${answer}: check both.`;
    default:
      return `The server at ${address} refused the request ${answer}.`;
  }
}

/** What a server's answer says, to be added to its status. */
function said(text: string): string {
  let message: unknown;
  try {
    const { error, ...rest } = JSON.parse(text);
    message = error?.message ?? error ?? rest.message ?? rest.detail;
  } catch {
    message = text;
  }
  const words = typeof message === "string" ? message : JSON.stringify(message) ?? "";
  return words.trim() === "" ? "" : `: ${excerpt(words)}`;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

/** The milliseconds of a `Retry-After`, which names seconds or a date. */
function delayIn(header: string | null): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  const delay = Number.isFinite(seconds) ? 1000 * seconds : Date.parse(header) - Date.now();
  return Number.isFinite(delay) ? Math.max(0, delay) : undefined;
}
