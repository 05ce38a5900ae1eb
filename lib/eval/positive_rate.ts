import { meanIgnoringNaN } from "./mean.ts";

/** Options for {@linkcode positiveShare}. */
export interface PositiveShareOptions {
  /**
   * A continuation is positive if its probability is above this.
   *
   * @default {0.5}
   */
  threshold?: number;
}

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
  const { threshold = 0.5 } = options;
  if (!(threshold >= 0 && threshold <= 1)) {
    throw new RangeError(
      `Cannot count positive texts as 'threshold' must be in [0, 1]: it is ${threshold}`,
    );
  }
  return meanIgnoringNaN(
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
  return meanIgnoringNaN(shares);
}
