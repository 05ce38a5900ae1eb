import { describe } from "../options/describe.ts";
import { isInRange } from "../options/in_range.ts";
import type { Explored } from "./explored.ts";
import { serveExplorerOptions as table } from "./serve_explorer_options.ts";
import { largestBeta, offeredModels, type Way } from "./ways.ts";

/** What a page asks for. */
export interface ExplorerRequest extends Record<NumberName, number> {
  /** The page that asks: one that asks again wants no more of what it asked for before. */
  readonly page: string;
  readonly prompt: string;
  /** How the steered texts are steered; none where there is nothing to steer by. */
  readonly ways: readonly Way[];
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly type: "number" | "integer";
}

/** Settings with one number each, with the names of `generateTexts`. */
export type NumberName = "topK" | "temperature" | "maxNewTokens" | "samples" | "seed";

const names: Record<NumberName, string> = {
  topK: "The number of candidates, top k,",
  temperature: "The temperature",
  maxNewTokens: "The number of new tokens",
  samples: "The number of samples",
  seed: "The seed",
};

/** Longest prompt, in UTF-16 code units, that is made into tokens at all. */
const longestPrompt = 20_000;

/** Most ways to steer at once. */
const mostWays = 20;

/** What the numbers may be with these models. */
export function rangesOf({ base }: Explored): Record<NumberName, Range> {
  const { topK, maxNewTokens, temperature, samples, seed } = table;
  return {
    topK: { ...topK, max: Math.min(topK.max, base.vocabulary) },
    temperature,
    maxNewTokens: { ...maxNewTokens, max: Math.min(maxNewTokens.max, base.longestText - 1) },
    samples,
    seed,
  };
}

/**
 * Reads what a page asks for.
 *
 * @throws {TypeError} if it is not of that form.
 * @throws {RangeError} one sentence, if the prompt is empty, a number out of range, or a model or label not there.
 */
export function explorerRequest(value: unknown, explored: Explored): ExplorerRequest {
  const { page, prompt, ways, ...asked } = objectOf(value, "it");
  if (typeof page !== "string" || !/^[\w-]{1,64}$/.test(page)) throw malformed("'page' is no name");
  if (typeof prompt !== "string") throw malformed("'prompt' is no text");
  if (prompt.trim() === "") {
    throw new RangeError("The prompt is empty: type the beginning of a text.");
  }
  if (prompt.length > longestPrompt) {
    throw new RangeError(
      `The prompt has ${prompt.length} characters: shorten it to ${longestPrompt} at most.`,
    );
  }
  if (!Array.isArray(ways)) throw malformed("'ways' is not a list");
  if (ways.length > mostWays) throw new RangeError(`Steer in ${mostWays} ways at most.`);
  const ranges = rangesOf(explored);
  const number = (name: NumberName) => numberIn(asked[name], names[name], ranges[name]);
  return {
    page,
    prompt: prompt.toWellFormed(),
    ways: ways.map((way) => wayOf(way, explored)),
    topK: number("topK"),
    temperature: number("temperature"),
    maxNewTokens: number("maxNewTokens"),
    samples: number("samples"),
    seed: number("seed"),
  };
}

function wayOf(value: unknown, { guides }: Explored): Way {
  const { model, label, inverse, beta } = objectOf(value, "a way to steer");
  const offered = offeredModels(guides).find(({ name }) => name === model);
  if (!offered) throw malformed("it names a reward model that is not here");
  if (typeof label !== "string" || !offered.labels.includes(label)) {
    throw malformed(`${offered.name} has no such label`);
  }
  if (typeof inverse !== "boolean") throw malformed("'inverse' is neither true nor false");
  const range = { type: "number", min: 0, max: largestBeta } as const;
  const name = `β ${inverse ? "away from" : "towards"} ${label}`;
  return { model: offered.name, label, inverse, beta: numberIn(beta, name, range) };
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw malformed(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function malformed(why: string): TypeError {
  return new TypeError(`The request is none of this page's, as ${why}: load the page again.`);
}

function numberIn(value: unknown, name: string, { type, min, max }: Range): number {
  if (typeof value === "number" && isInRange({ type, min, max }, value)) return value;
  throw new RangeError(`${name} must be ${describe({ type, min, max })}.`);
}
