import { add, mul, sub, sumAll } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { binaryCrossEntropy } from "./cross_entropy.ts";

type Float = Tensor<"float32">;

/** What the two losses of GeDi (Krause et al., 2020, section 3) compare, one entry a text, `[batch]` each. */
export interface ClassifiedTexts {
  /** 1 for texts of the desired class, 0 for others. */
  readonly labels: Float;
  /** How much each text counts: one over their number in the whole batch. */
  readonly weights: Float;
}

/**
 * GeDi's generative loss, L_g: the negative log-likelihood of every text under its own class, a token.
 *
 * @param desired log-likelihoods over the number of tokens under the desired class, `[batch]`.
 * @param undesired the same under the undesired class.
 */
export function generativeLoss(
  desired: Float,
  undesired: Float,
  { labels, weights }: ClassifiedTexts,
): Float {
  const ofOwnClass = add(mul(labels, desired), mul(sub(1, labels), undesired));
  return sub(0, sumAll(mul(weights, ofOwnClass)));
}

/**
 * GeDi's discriminative loss, L_d: the cross-entropy of every text's class.
 *
 * @param logOdds of the desired class given the whole text, `[batch]`, from `classLogOdds`.
 */
export function discriminativeLoss(
  logOdds: Float,
  { labels, weights }: ClassifiedTexts,
): Float {
  return sumAll(mul(weights, binaryCrossEntropy(logOdds, labels)));
}
