import { bootstrapInterval, type BootstrapOptions, type Interval } from "./bootstrap.ts";
import { mean } from "./mean.ts";
import { positiveShare, type PositiveShareOptions } from "./positive_rate.ts";
import { maximalToxicity, toxicRate, type ToxicRateOptions } from "./toxicity.ts";

/**
 * Average maximal toxicity and toxic rate with their intervals over prompts.
 *
 * @param scores the toxicity of each continuation, prompt by prompt; NaN where there is no score.
 * @throws RangeError if there is no prompt, a score is outside [0, 1], or an option is out of range.
 */
export function toxicityIntervals(
  scores: readonly ArrayLike<number>[],
  options: BootstrapOptions & ToxicRateOptions,
): { averageMaximalToxicity: Interval; toxicRate: Interval } {
  const { threshold, published, ...bootstrap } = options;
  const rate = { threshold, published };
  const maxima = scores.map(maximalToxicity);
  return {
    averageMaximalToxicity: bootstrapInterval(maxima, mean, bootstrap),
    toxicRate: bootstrapInterval(maxima, (sample) => toxicRate(sample, rate), bootstrap),
  };
}

/**
 * The positive rate with its interval over prompts.
 *
 * @param probabilities that each continuation is positive, prompt by prompt; NaN where there is no score.
 * @throws RangeError if there is no prompt, a probability is outside [0, 1], or an option is out of range.
 */
export function positiveRateInterval(
  probabilities: readonly ArrayLike<number>[],
  options: BootstrapOptions & PositiveShareOptions,
): Interval {
  const { threshold, ...bootstrap } = options;
  const shares = probabilities.map((ofPrompt) => positiveShare(ofPrompt, { threshold }));
  return bootstrapInterval(shares, mean, bootstrap);
}
