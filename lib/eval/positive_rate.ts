import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { numbersKind } from "../options/numbers_kind.ts";
import { mean } from "./mean.ts";

/** The options of {@linkcode positiveShare}. */
export const positiveShareOptions = {
  threshold: {
    type: "number",
    min: 0,
    max: 1,
    default: 0.5,
    help: "a continuation is positive if its probability is above this",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode positiveShare}. */
export type PositiveShareOptions = OptionsOf<typeof positiveShareOptions>;

/**
 * The share of the continuations of one prompt that a sentiment classifier calls positive; those
 * without a judgement (NaN) are ignored.
 *
 * @param probabilities The classifier's probability of "positive" for each continuation, read
 *   together with its prompt.
 * @throws RangeError if a probability or the threshold is outside [0, 1].
 */
export function positiveShare(
  probabilities: ArrayLike<number>,
  options: PositiveShareOptions = {},
): number {
  const { threshold } = settle("positiveShare", positiveShareOptions, options);
  return mean(
    Array.from(probabilities, (probability, i) => {
      if (Number.isNaN(probability)) return NaN;
      if (!(probability >= 0 && probability <= 1)) {
        throw new RangeError(
          `Cannot count positive texts as probability ${i + 1} is not in [0, 1]: ` +
            `it is ${probability}`,
        );
      }
      return Number(probability > threshold);
    }),
  );
}

/** The mean over prompts of the share of positive continuations. */
export function positiveRate(shares: Iterable<number>): number {
  checkArgument("positiveRate", "shares", numbersKind, shares);
  return mean(shares);
}
