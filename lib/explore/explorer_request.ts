import { type Explored, longestText } from "./explored.ts";
import { strengthsOf } from "./strengths.ts";

/** What a page asks for. */
export interface ExplorerRequest {
  /** The page that asks: one that asks again wants no more of what it asked for before. */
  readonly page: string;
  readonly prompt: string;
  /** β of every strength, in the order of `strengthsOf`. */
  readonly betas: readonly number[];
  readonly k: number;
  readonly temperature: number;
  readonly seed: number;
  /** Most tokens to write. */
  readonly tokens: number;
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly isWhole?: boolean;
}

/** Settings with one number each. */
type NumberName = "k" | "temperature" | "seed" | "tokens";

const names: Record<NumberName, string> = {
  k: "k",
  temperature: "The temperature",
  seed: "The seed",
  tokens: "The number of new tokens",
};

/** Longest prompt, in UTF-16 code units, that is made into tokens at all. */
const longestPrompt = 20_000;

/** What the numbers may be. */
export function rangesOf(explored: Explored): Record<NumberName, Range> {
  const { vocabulary } = explored.base;
  return {
    k: { least: 1, most: Math.min(100, vocabulary), isWhole: true },
    temperature: { least: 0, most: 2 },
    seed: { least: 0, most: 999_999, isWhole: true },
    tokens: { least: 1, most: Math.min(200, longestText(explored) - 1), isWhole: true },
  };
}

/**
 * Reads what a page asks for.
 *
 * @throws {TypeError} if it is not of that form.
 * @throws {RangeError} one sentence, if the prompt is empty or a number out of range.
 */
export function explorerRequest(value: unknown, explored: Explored): ExplorerRequest {
  if (typeof value !== "object" || value === null) throw malformed("it is not an object");
  const asked = value as Record<string, unknown>;
  const { page, prompt, betas } = asked;
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
  const strengths = strengthsOf(explored.guides);
  if (!Array.isArray(betas) || betas.length !== strengths.length) {
    throw malformed(`'betas' is not a list of ${strengths.length}`);
  }
  const ranges = rangesOf(explored);
  const number = (name: NumberName) => numberIn(asked[name], names[name], ranges[name]);
  return {
    page,
    prompt: prompt.toWellFormed(),
    betas: strengths.map(({ name, most }, i) =>
      numberIn(betas[i], `β ${name}`, { least: 0, most })
    ),
    k: number("k"),
    temperature: number("temperature"),
    seed: number("seed"),
    tokens: number("tokens"),
  };
}

function malformed(why: string): TypeError {
  return new TypeError(`The request is none of this page's, as ${why}: load the page again.`);
}

function numberIn(value: unknown, name: string, { least, most, isWhole = false }: Range): number {
  const isRight = typeof value === "number" && value >= least && value <= most &&
    (!isWhole || Number.isInteger(value));
  if (isRight) return value;
  const kind = isWhole ? "a whole number" : "a number";
  throw new RangeError(`${name} must be ${kind} from ${least} to ${most}.`);
}
