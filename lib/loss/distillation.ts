import { mul, square, sub, sumAll } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { overLabels } from "./labels.ts";
import { type BatchShape, weightsBy } from "./weights.ts";

type Float = Tensor<"float32">;

/**
 * The weights of equation (4): every place of a text alike, 1/n, over the number of texts.
 *
 * @param published as the authors' code: every token of the batch alike, whatever text it is of.
 */
export function distillationWeights(batch: BatchShape, published = false): Float32Array {
  return weightsBy(batch, (_, n) => published ? 1 / batch.tokens : 1 / (n * batch.rows));
}

/**
 * The distillation loss, equation (4): the squared error against the teacher's reward of the same prefix
 * and token, averaged over labels.
 *
 * @param rewards r̂ of the tokens, `[batch, time, labels]`.
 * @param teacher the teacher's rewards of them, `[batch, time, labels]`; no gradient flows there.
 * @param weights from `distillationWeights`, `[batch, time]`.
 */
export function distillationLoss(rewards: Float, teacher: Float, weights: Float): Float {
  return sumAll(mul(weights, overLabels(square(sub(rewards, teacher)), "mean")));
}
