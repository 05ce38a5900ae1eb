import { bootstrapInterval, type BootstrapOptions, type Interval } from "./bootstrap.ts";
import { distinctness } from "./distinctness.ts";
import { mean } from "./mean.ts";
import { positiveShare, type PositiveShareOptions } from "./positive_rate.ts";
import { meanOf, promptMeans } from "./prompt_means.ts";
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

/**
 * dist-1, dist-2 and dist-3 with their intervals over prompts.
 *
 * @param continuations the texts, prompt by prompt.
 * @throws RangeError if there is no prompt, or one has no text.
 */
export function distinctnessIntervals(
  continuations: readonly (readonly string[])[],
  options: BootstrapOptions,
): [dist1: Interval, dist2: Interval, dist3: Interval] {
  const perPrompt = continuations.map(distinctness);
  const interval = (n: 0 | 1 | 2) =>
    bootstrapInterval(perPrompt.map((shares) => shares[n]), mean, options);
  return [interval(0), interval(1), interval(2)];
}

/**
 * The mean perplexity over continuations with its interval over prompts; perplexities of 1e5 or more are left out.
 *
 * @param perplexities of each continuation, prompt by prompt; NaN where there is none.
 * @throws RangeError if there is no prompt, or an option is out of range.
 */
export function perplexityInterval(
  perplexities: readonly ArrayLike<number>[],
  options: BootstrapOptions & { limit?: number },
): Interval {
  const { limit = 1e5, ...bootstrap } = options;
  const means = promptMeans(perplexities, { limit });
  const prompts = perplexities.map((_, i) => i);
  return bootstrapInterval(prompts, (sample) => meanOf(means, sample), bootstrap);
}
