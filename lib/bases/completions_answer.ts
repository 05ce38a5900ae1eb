/** One of the likeliest tokens, by its id or by what the server calls it. */
export interface NamedToken {
  readonly token: number | string;
  /** Its bytes, where the server tells them. */
  readonly bytes?: readonly number[];
  /** Natural logarithm; −∞ where the server gives no number. */
  readonly logprob: number;
}

/** A server answered with one choice where a list of prompts was sent: it takes one prompt at a time. */
export class OneChoice extends SyntaxError {}

/**
 * The likeliest tokens after each of `rows` prompts, from what `/v1/completions` answered. Servers have these forms:
 *
 * - OpenAI's, `logprobs.top_logprobs: [{name: logprob, …}]`, where vLLM may name tokens `token_id:123`, and OpenAI those
 *   that are a part of a character `bytes:\\xf0`; the value may be an object that has the logprob, under the token's id; small
 *   servers leave the list out, or write numbers as texts;
 * - MLX's, `logprobs.top_logprobs: [[{id, token, logprob}, …]]`;
 * - that of the chat interface, which llama.cpp uses here too, `logprobs.content: [{top_logprobs: [{id, token, logprob,
 *   bytes}, …]}]`.
 *
 * @param where the server, for errors.
 * @throws {OneChoice} if it answered to one of several prompts.
 * @throws {SyntaxError} if it is not such an answer; one sentence.
 */
export function topTokensIn(answer: unknown, rows: number, where: string): NamedToken[][] {
  const { choices } = (answer ?? {}) as { choices?: unknown };
  if (!Array.isArray(choices)) {
    throw new SyntaxError(
      `The answer of the server at ${where} has no choices: check that it is a completions server.`,
    );
  }
  const tops: NamedToken[][] = [];
  choices.forEach((choice, i) => {
    const { index = i } = Object(choice) as { index?: unknown };
    tops[typeof index === "object" ? i : Number(index)] = topTokensOf(choice, where);
  });
  if (choices.length !== rows || Object.keys(tops).length !== rows || tops.length !== rows) {
    const Kind = choices.length === 1 && rows > 1 ? OneChoice : SyntaxError;
    throw new Kind(
      `The server at ${where} answered ${choices.length} choices to ${rows} prompts: check that it is a ` +
        "completions server.",
    );
  }
  return tops;
}

function topTokensOf(choice: unknown, where: string): NamedToken[] {
  const logprobs = Object(Object(choice).logprobs);
  const [first] = [logprobs.top_logprobs].flat();
  const [content] = listIn(logprobs.content);
  const listed = [first, Object(content).top_logprobs].find(Array.isArray);
  if (listed) return listed.map(listedToken);
  if (typeof first === "object" && first !== null) {
    return Object.entries(first).map(([name, value]) => namedToken(name, value));
  }
  throw new SyntaxError(
    `The answer of the server at ${where} has no top log-probabilities: choose a server or model that gives them.`,
  );
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** An entry of a list. */
function listedToken(entry: unknown): NamedToken {
  const { id, token, logprob, bytes } = Object(entry) as Record<string, unknown>;
  if (typeof id === "number") return { token: id, logprob: numberOf(logprob) };
  // a list, however deep, is no name
  const named = namedToken(typeof token === "object" ? "" : String(token), logprob);
  const told = listIn(bytes);
  return told.length > 0 && told.every((byte) => typeof byte === "number")
    ? { ...named, bytes: told as number[] }
    : named;
}

/** An entry of an object, by its key. */
function namedToken(name: string, value: unknown): NamedToken {
  const { logprob = value, decoded_token: text } = Object(value) as Record<string, unknown>;
  const id = /^token_id:(\d+)$/.exec(name)?.[1] ??
    (text === undefined ? undefined : /^\d+$/.exec(name)?.[0]);
  if (id !== undefined) return { token: Number(id), logprob: numberOf(logprob) };
  const bytes = bytesNamed(name);
  return { token: name, ...(bytes ? { bytes } : {}), logprob: numberOf(logprob) };
}

/** The bytes of a name such as `bytes:\xf0\x9f`, in which characters stand for themselves as well. */
function bytesNamed(name: string): readonly number[] | undefined {
  const parts = /^bytes:((?:\\x[0-9a-fA-F]{2}|[^\\])+)$/.exec(name)?.[1]
    .match(/\\x..|[^\\]/gu);
  return parts?.flatMap((part) =>
    part.length === 4 ? [parseInt(part.slice(2), 16)] : [...new TextEncoder().encode(part)]
  );
}

/** A number, or the text of one. */
function numberOf(logprob: unknown): number {
  const isText = typeof logprob === "string" && logprob.trim() !== "";
  const value = isText ? Number(logprob) : logprob;
  return typeof value === "number" && !Number.isNaN(value) ? value : -Infinity;
}
