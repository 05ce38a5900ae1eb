import { mul, square, sub, sumAll, unsqueeze } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type LabelReduction, overLabels } from "./labels.ts";
import { type BatchShape, weightsBy } from "./weights.ts";

type Float = Tensor<"float32">;

/** The weights of equation (3), w_t = t, normalized in each text: 2t / (n(n+1)), over the number of texts. */
export function cumulativeWeights(batch: BatchShape): Float32Array {
  return weightsBy(batch, (t, n) => 2 * t / (n * (n + 1)) / batch.rows);
}

/**
 * The cumulative loss, equation (3): the squared error of every prefix's reward against the text's label,
 * later prefixes weighing more.
 *
 * @param rewards r̂ of the tokens, `[batch, time, labels]`.
 * @param labels of the texts, in [0, 1], `[batch, labels]`.
 * @param weights from `cumulativeWeights`, `[batch, time]`.
 * @param how labels are combined; the authors' code sums them.
 */
export function cumulativeLoss(
  rewards: Float,
  labels: Float,
  weights: Float,
  how: LabelReduction = "mean",
): Float {
  return sumAll(mul(weights, overLabels(square(sub(rewards, unsqueeze(labels, [1]))), how)));
}
