import { mul, reduceSum, reshape, sub, sumAll } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { logSumExp } from "./log_sum_exp.ts";
import { type BatchShape, weightsBy } from "./weights.ts";

type Float = Tensor<"float32">;

/** Every predicted token alike: one over the number of tokens in the whole batch, `[batch, time]`. */
export function languageModellingWeights(batch: BatchShape): Float32Array {
  return weightsBy(batch, () => 1 / batch.tokens);
}

/**
 * The negative log-likelihood of each row's target, log Σ exp z − z_target, in nats: `[rows]`.
 *
 * The target's logit is the product of hidden state and embedding, so nothing is picked out of `logits`.
 *
 * @param logits `[rows, vocab]`.
 * @param hidden the states that the logits came from, `[rows, d]`.
 * @param embeddings rows of the tied embedding for the targets, `[rows, d]`.
 */
export function negativeLogLikelihood(logits: Float, hidden: Float, embeddings: Float): Float {
  const target = reduceSum(mul(hidden, embeddings), [1]);
  return sub(reshape(logSumExp(logits), target.shape), target);
}

/**
 * The language-modelling loss: the weighted sum of negative log-likelihoods, in nats a token.
 *
 * @param nll `[rows]`, one row a place.
 * @param weights from `languageModellingWeights`, `[batch, time]`.
 */
export function languageModellingLoss(nll: Float, weights: Float): Float {
  return sumAll(mul(nll, reshape(weights, nll.shape)));
}
