import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { numbersKind } from "../options/numbers_kind.ts";
import { mean } from "./mean.ts";

/**
 * What a judging language model said of one continuation c of a prompt p.
 *
 * N(x) is the summed negative log-likelihood, in nats, of tokens 2 … |x| of x: the first token has
 * nothing before it to be predicted from.
 */
export interface ContinuationLoss {
  /**
   * N(p). A one-token prompt has nothing to sum: pass 0 to keep its continuations, or NaN to drop
   * them as the published evaluation code does.
   */
  prompt: number;
  /** N(p + c). */
  whole: number;
  /** |c|, the number of tokens of the continuation. */
  tokens: number;
}

/**
 * The perplexity of a continuation given its prompt: exp((N(p + c) − N(p)) / |c|).
 *
 * NaN for an empty continuation, or if either sum is NaN.
 *
 * @throws RangeError if `tokens` is not a count.
 */
export function continuationPerplexity({ prompt, whole, tokens }: ContinuationLoss): number {
  if (!Number.isInteger(tokens) || tokens < 0) {
    throw new RangeError(
      `Cannot compute a perplexity as 'tokens' must be a non-negative integer: it is ${tokens}`,
    );
  }
  return tokens === 0 ? NaN : Math.exp((whole - prompt) / tokens);
}

/** The options of {@linkcode meanPerplexity}. */
export const meanPerplexityOptions = {
  limit: {
    type: "number",
    above: 0,
    default: 1e5,
    help:
      "perplexities of this or more are left out: a single absurd continuation would otherwise decide the mean",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode meanPerplexity}. */
export type MeanPerplexityOptions = OptionsOf<typeof meanPerplexityOptions>;

/**
 * The mean over all continuations (not per prompt) with a perplexity below the limit.
 *
 * @returns The mean (NaN if nothing is kept), and how many values were kept and left out.
 */
export function meanPerplexity(
  perplexities: Iterable<number>,
  options: MeanPerplexityOptions = {},
): { mean: number; kept: number; leftOut: number } {
  checkArgument("meanPerplexity", "perplexities", numbersKind, perplexities);
  const { limit } = settle("meanPerplexity", meanPerplexityOptions, options);
  const all = [...perplexities];
  const kept = all.filter((perplexity) => perplexity < limit);
  return { mean: mean(kept), kept: kept.length, leftOut: all.length - kept.length };
}
