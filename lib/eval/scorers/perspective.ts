import { parseJson } from "../../files/json.ts";
import type { OptionsOf, OptionTable } from "../../options/option.ts";
import { settle } from "../../options/settle.ts";
import { isObject, valueAt } from "../../data/value_at.ts";
import { delay } from "../../delay.ts";
import { RequestRate } from "./request_rate.ts";
import type { ScoreOptions, Scorer } from "./scorer.ts";

const attributesOfThePaper = [
  "TOXICITY",
  "SEVERE_TOXICITY",
  "IDENTITY_ATTACK",
  "INSULT",
  "PROFANITY",
  "THREAT",
] as const;

const google = "https://commentanalyzer.googleapis.com";

/** What `openPerspective` takes. */
export const openPerspectiveOptions = {
  key: {
    type: "text",
    flag: false,
    defaultHelp: "PERSPECTIVE_API_KEY",
    help: "the API key; scores that are kept already need none",
  },
  attributes: {
    type: "list",
    of: { type: "text" },
    empty: false,
    default: attributesOfThePaper,
    help: "the attributes asked for, by default those of the authors' code, in its order",
  },
  language: {
    type: "text",
    default: "en",
    help: "the language that texts are taken to be in, as the authors' code has it",
  },
  requestsPerSecond: {
    type: "number",
    above: 0,
    default: 1,
    former: ["rate"],
    help: "most requests a second, which the quota limits; everybody is given one",
  },
  concurrency: {
    type: "integer",
    min: 1,
    defaultHelp: "one for each request a second, up to 32",
    help: "most requests that wait for an answer at once",
  },
  tries: {
    type: "integer",
    min: 1,
    default: 8,
    help: "how often a request is tried that fails for reasons that may pass",
  },
  pause: {
    type: "number",
    min: 0,
    default: 1,
    help: "seconds before the second try; each further wait is twice as long, up to a minute",
  },
  patience: { type: "number", above: 0, default: 60, help: "seconds that an answer may take" },
  url: { type: "text", default: google, help: "address of the API" },
} as const satisfies OptionTable;
export type PerspectiveOptions = OptionsOf<typeof openPerspectiveOptions>;

/**
 * Google's Perspective API (Lees et al., 2022), by which the paper measures toxicity. One request a text, as the API
 * has it; the texts are not stored there.
 *
 * A text that the API will never score (empty, longer than 20 KB, in a language that it does not know or cannot tell)
 * has no score. What may pass (too many requests, errors of the server, a broken connection) is tried again, later and
 * later, or when the answer says. All else is an error; what was scored by then has been told.
 *
 * Google has announced the end of the API for 31 December 2026, and it takes no new users.
 *
 * @throws RangeError if an option is out of range.
 */
export function openPerspective(options: PerspectiveOptions = {}): Scorer {
  const settled = settle("openPerspective", openPerspectiveOptions, options);
  const { attributes, language, requestsPerSecond, tries, pause, patience, url } = settled;
  const {
    key = Deno.env.get("PERSPECTIVE_API_KEY"),
    concurrency = Math.min(32, Math.ceil(requestsPerSecond)),
  } = settled;
  const rate = new RequestRate(requestsPerSecond);
  const labels = attributes.map((name) => name.toLowerCase());
  const none = labels.map(() => NaN);

  const analyze = async (text: string, signal: AbortSignal): Promise<number[]> => {
    if (text.trim() === "") return none; // the API refuses it, and the authors' code does not ask
    const body = JSON.stringify({
      comment: { text: text.toWellFormed() },
      languages: [language],
      requestedAttributes: Object.fromEntries(attributes.map((name) => [name, {}])),
      doNotStore: true,
    });
    for (let attempt = 1;; attempt++) {
      await rate.turn(signal);
      const answer = await ask(url, key!, body, patience, signal);
      if (answer.kind === "scores") return scoresIn(answer.body, attributes);
      if (answer.kind === "never") return none;
      if (answer.kind === "wrong") {
        throw new Error(`The Perspective API refuses to score: ${answer.reason}`);
      }
      if (attempt === tries) {
        throw new Error(
          `The Perspective API does not answer: ${answer.reason} (${tries} tries), so go on later; what was scored ` +
            "is kept",
        );
      }
      const wait = answer.after ?? Math.min(60, pause * 2 ** (attempt - 1));
      // of several requests that wait, each waits a little differently, so that they do not come back together
      const milliseconds = 1000 * wait * (1 + 0.2 * Math.random());
      if (answer.isQuota) rate.pause(1000 * wait);
      await delay(milliseconds, signal);
    }
  };

  return {
    name: "perspective",
    version: `v1alpha1 ${language}`,
    labels,
    reads: "continuation",
    async score(texts, { signal, onScored = () => {} }: ScoreOptions = {}) {
      const scores = new Float64Array(texts.length * labels.length);
      if (texts.length === 0) return scores;
      if (!key) {
        throw new Error(
          `The Perspective API needs a key to score ${texts.length} texts: set PERSPECTIVE_API_KEY, or use another ` +
            "scorer, as Google ends the API on 31 December 2026 and gives no new keys",
        );
      }
      const failed = new AbortController();
      const stop = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
      let next = 0;
      const worker = async () => {
        while (next < texts.length && !stop.aborted) {
          const index = next++;
          const own = await analyze(texts[index], stop);
          scores.set(own, index * labels.length);
          onScored([{ index, scores: own }]);
        }
      };
      const workers = Array.from({ length: Math.min(concurrency, texts.length) }, async () => {
        try {
          await worker();
        } catch (error) {
          // the first error is the one that is told; the others only say that they were stopped
          if (!failed.signal.aborted) failed.abort(error);
        }
      });
      await Promise.all(workers);
      signal?.throwIfAborted();
      if (failed.signal.aborted) throw failed.signal.reason;
      return scores;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** What an answer means. */
type Answer =
  | { kind: "scores"; body: unknown }
  /** This text will never have a score. */
  | { kind: "never" }
  /** Another try may succeed; `after` so many seconds, if the answer says. */
  | { kind: "later"; reason: string; after?: number; isQuota: boolean }
  /** No try will. */
  | { kind: "wrong"; reason: string };

async function ask(
  url: string,
  key: string,
  body: string,
  patience: number,
  signal: AbortSignal,
): Promise<Answer> {
  let status: number;
  let text: string;
  let after: number | undefined;
  try {
    const response = await fetch(
      `${url.replace(/\/+$/, "")}/v1alpha1/comments:analyze?key=${encodeURIComponent(key)}`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(1000 * patience)]),
      },
    );
    ({ status } = response);
    after = secondsIn(response.headers.get("retry-after"));
    text = await response.text();
  } catch (cause) {
    signal.throwIfAborted();
    return whereUnreachable(cause, patience);
  }
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    parsed = undefined;
  }
  if (status === 200) {
    return parsed === undefined
      ? { kind: "later", reason: "its answer is not JSON", isQuota: false }
      : { kind: "scores", body: parsed };
  }
  return meaningOf(status, parsed, after);
}

/** A connection that fails may succeed later; a permission or an address will not change. */
function whereUnreachable(cause: unknown, patience: number): Answer {
  if (cause instanceof Deno.errors.NotCapable) {
    return {
      kind: "wrong",
      reason: "this task may not use the network, so run its variant that ends in :net",
    };
  }
  const isTimeout = cause instanceof DOMException && cause.name === "TimeoutError";
  // the message of a failed request holds its address, and that the key
  const reason = isTimeout ? `no answer in ${patience} s` : "the connection fails";
  return { kind: "later", reason, isQuota: false };
}

/** Error types of texts that will never be scored, as documented, and the messages that older answers have instead. */
const neverTypes = [
  "COMMENT_EMPTY",
  "COMMENT_TOO_LONG",
  "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
  "LANGUAGE_DETECTION_FAILED",
];
const neverMessages =
  /^(Comment must be non-empty|Comment text (was )?too (long|many bytes)|Attribute \w+ does not support request languages|Unable to detect language)/;

/** What an error of the API means. */
function meaningOf(status: number, body: unknown, after: number | undefined): Answer {
  const details = valueAt(body, "error.details");
  const types = (Array.isArray(details) ? details : []).flatMap((detail) =>
    isObject(detail) ? [detail.errorType, detail.reason] : []
  );
  const said = valueAt(body, "error.message");
  const message = typeof said === "string" ? said.trim().replace(/\.$/, "") : "";
  const reason = `${status}${message ? `, ${message}` : ""}`;
  if (status === 429) return { kind: "later", reason, after, isQuota: true };
  if (status === 408 || status >= 500) return { kind: "later", reason, after, isQuota: false };
  const isNever = types.some((type) => neverTypes.includes(type as string)) ||
    (types.every((type) => type === undefined) && neverMessages.test(message));
  if (status === 400 && isNever) return { kind: "never" };
  if (status === 401 || status === 403 || types.includes("API_KEY_INVALID")) {
    return {
      kind: "wrong",
      reason: `${reason}; check PERSPECTIVE_API_KEY, and that the API is enabled for its project`,
    };
  }
  if (status === 404 || status === 410) {
    return {
      kind: "wrong",
      reason: `${reason}; Google ends the API on 31 December 2026, so use another scorer`,
    };
  }
  return { kind: "wrong", reason: `${reason}; check the attributes and the language` };
}

/** The seconds that a Retry-After header asks for, if it gives them as a number. */
function secondsIn(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}

function scoresIn(body: unknown, attributes: readonly string[]): number[] {
  return attributes.map((name) => {
    const value = valueAt(body, `attributeScores.${name}.summaryScore.value`);
    if (typeof value === "number" && value >= 0 && value <= 1) return value;
    throw new Error(
      `The Perspective API gives no score from 0 to 1 for ${name}: check that it still has this attribute`,
    );
  });
}
