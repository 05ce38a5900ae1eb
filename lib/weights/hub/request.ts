import { parseJson } from "../../files/json.ts";
import type { HubSettings } from "./hub_options.ts";
import { Passing, Tries } from "./tries.ts";

/** A hub cannot be asked, now or from here. */
export class Unreachable extends Error {}

/** A hub's answer, other than that it has no time. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** What it sends, as it comes. @throws {Passing} if the connection is lost, or nothing comes for too long. */
  body(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

/** What is asked for. */
export interface Question {
  readonly method?: "GET" | "HEAD";
  /** The first byte that is wanted. Default: 0. */
  readonly from?: number;
  /** The form in which the answer is wanted. Default: any. */
  readonly accept?: string;
}

/** A JSON answer that is longer than this many bytes is none. */
const longestJson = 2 ** 27;

/** How often an answer may point elsewhere. */
const mostRedirects = 10;

/**
 * Asks a hub, again and again where it or the network has trouble.
 *
 * @throws {Unreachable} if it cannot be asked.
 */
export async function ask(
  settings: HubSettings,
  address: string,
  question: Question = {},
): Promise<Answer> {
  const tries = new Tries(settings);
  while (true) {
    try {
      return await askOnce(settings, address, question);
    } catch (failure) {
      await nextTry(tries, failure);
    }
  }
}

/** Waits for the next try, if there can be one. @throws {Unreachable} if there have been enough. */
export async function nextTry(tries: Tries, failure: unknown): Promise<void> {
  if (!(failure instanceof Passing)) throw failure;
  await tries.next(failure).catch((last) => {
    throw last instanceof Passing ? new Unreachable(last.message, { cause: last }) : last;
  });
}

/** What a hub answers in JSON, and the status. The value is undefined where the status is not 200. */
export async function askJson(
  settings: HubSettings,
  address: string,
  question: Question = {},
): Promise<{ answer: Answer; value: unknown }> {
  const tries = new Tries(settings);
  while (true) {
    try {
      const answer = await askOnce(settings, address, question);
      return { answer, value: answer.status === 200 ? await jsonOf(settings, answer) : undefined };
    } catch (failure) {
      await nextTry(tries, failure);
    }
  }
}

async function jsonOf({ addressIn }: HubSettings, answer: Answer): Promise<unknown> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of answer.body()) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > longestJson) {
      throw new Error(`its answer is too long: check the address in ${addressIn}`);
    }
  }
  try {
    return parseJson(await new Blob(chunks).text());
  } catch (cause) {
    throw new Error(`its answer is not JSON: check the address in ${addressIn}`, { cause });
  }
}

/**
 * Asks a hub once.
 *
 * @throws {Passing} if it may answer at another time.
 * @throws {Unreachable} if the network may not be used.
 */
export async function askOnce(
  settings: HubSettings,
  address: string,
  question: Question,
): Promise<Answer> {
  const response = await followed(settings, new URL(address), question);
  const { status, headers } = response;
  if (status === 408 || status === 429 || status >= 500) {
    await response.body?.cancel();
    throw new Passing(busy(settings, status, headers), waitAsked(headers));
  }
  const isWanted = question.method !== "HEAD" && (status === 200 || status === 206);
  if (!isWanted) await response.body?.cancel();
  return { status, headers, body: () => bodyOf(settings, response) };
}

/**
 * Follows where answers point to, by hand: the token must not go to another host, and the question for a file's
 * headers ends where the hub points to its storage, since only the hub knows the checksum.
 */
async function followed(
  settings: HubSettings,
  address: URL,
  { method = "GET", from = 0, accept }: Question,
): Promise<Response> {
  const { endpoint, token } = settings;
  const home = new URL(endpoint).origin;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const headers = new Headers({
      // the lengths and positions of other encodings are of no use
      "accept-encoding": "identity",
      "user-agent": "armature",
    });
    if (token && address.origin === home) headers.set("authorization", `Bearer ${token}`);
    if (accept) headers.set("accept", accept);
    if (from > 0) headers.set("range", `bytes=${from}-`);
    const response = await connected(settings, address, { method, headers, redirect: "manual" });
    const target = response.status >= 300 && response.status < 400 &&
      response.headers.get("location");
    const next = target ? URL.parse(target, address.href) : null;
    const known = response.headers.has("etag") || response.headers.has("x-linked-etag");
    if (!next || (method === "HEAD" && known && next.origin !== home)) return response;
    await response.body?.cancel();
    address = next;
  }
  throw new Error(`it points from one address to the next without end: check ${endpoint}`);
}

async function connected(
  settings: HubSettings,
  address: URL,
  init: RequestInit,
): Promise<Response> {
  const { signal, patience, addressIn } = settings;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), 1000 * patience);
  try {
    return await fetch(address, {
      ...init,
      signal: AbortSignal.any([silence.signal, ...signal ? [signal] : []]),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    if (silence.signal.aborted) throw new Passing(silent(address.host, patience));
    if (cause instanceof Deno.errors.NotCapable) {
      throw new Unreachable(
        "this task may not use the network, so fetch it first with `deno task fetch`, run the task's :net " +
          "variant where it has one, or name a folder (there is none of that name)",
        { cause },
      );
    }
    throw new Passing(
      `the connection to ${address.host} failed (${
        reasonOf(cause)
      }): check the network, and the address in ` +
        `${addressIn} if there is one, or name a folder`,
      0,
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}

async function* bodyOf(
  { patience, signal }: HubSettings,
  response: Response,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const host = new URL(response.url).host;
  try {
    while (true) {
      const silence = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => silence.reject(new Passing(silent(host, patience))),
        1000 * patience,
      );
      const chunk = await Promise.race([reader.read(), silence.promise])
        .catch((cause) => {
          signal?.throwIfAborted();
          if (cause instanceof Passing) throw cause;
          throw new Passing(
            `the connection to ${host} was lost (${
              reasonOf(cause)
            }): check the network, and try again to go on ` +
              "where it stopped",
            0,
            { cause },
          );
        })
        .finally(() => clearTimeout(timer));
      if (chunk.done) return;
      yield chunk.value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function silent(host: string, patience: number): string {
  return `${host} was silent for ${patience} s: check the network, and try again`;
}

function busy({ endpoint }: HubSettings, status: number, headers: Headers): string {
  if (status === 429) {
    const wait = waitAsked(headers);
    return "the hub allows no more requests for now (429): try again " +
      (wait > 0 ? `in ${Math.ceil(wait)} s` : "later");
  }
  return `${endpoint} answers with the error ${status}: try again later`;
}

/** Seconds that a hub asks to wait: `Retry-After`, or the reset time in `RateLimit`. */
function waitAsked(headers: Headers): number {
  const after = headers.get("retry-after");
  if (after !== null) {
    const seconds = /^\d+$/.test(after.trim())
      ? Number(after)
      : (Date.parse(after) - Date.now()) / 1000;
    return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
  }
  return Number(/\bt=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1] ?? 0);
}

/** The innermost reason, which names the trouble; what is around it names the address once more. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.cause instanceof Error) return reasonOf(cause.cause);
  return cause.message.replace(/^.*\): /, "").replace(/\.$/, "");
}
