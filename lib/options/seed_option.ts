import type { Option } from "./option.ts";

/** A seed: a whole number from 0 up; its digits as text if it is larger than JavaScript holds exactly, as PyTorch's may be. */
export type Seed = number | string;

/** The seed of what is random. Streams are named by its digits, so that it may be of any size. */
export const seedOption = {
  type: "either",
  of: [
    { type: "integer", min: 0, max: 9_007_199_254_740_991 },
    { type: "value", is: isLargeSeed, what: "a larger one as text", parse: largeSeed },
  ],
  default: 0,
  placeholder: "n",
  help: "seed of everything random",
} as const satisfies Option;

function isLargeSeed(value: unknown): value is string {
  return typeof value === "string" && /^[1-9]\d*$/.test(value) &&
    BigInt(value) > Number.MAX_SAFE_INTEGER;
}

/** @throws {Error} if a text is no such seed. */
function largeSeed(text: string): string {
  const digits = text.replace(/^\+?0*/, "");
  if (isLargeSeed(digits)) return digits;
  throw new Error("give a whole number from 0 up");
}

/** The seed that is larger by so many. */
export function seedAfter(seed: Seed, steps: number): Seed {
  const sum = BigInt(seed) + BigInt(steps);
  return sum > Number.MAX_SAFE_INTEGER ? `${sum}` : Number(sum);
}
