import { mul, square, sumAll } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { overLabels } from "./labels.ts";
import { type BatchShape, weightsBy } from "./weights.ts";

type Float = Tensor<"float32">;

/**
 * Which places the regularizer looks at: `targets`, those that predict a token of the text (the paper);
 * `published`, the authors' mask, which has one place more in texts shorter than the longest; `all`, as the
 * authors' code has it in distillation, padding included.
 */
export type RegularizedPlaces = "targets" | "published" | "all";

/** Every place that counts alike: one over their number in the whole batch, `[batch, time]`. */
export function regularizerWeights(
  batch: BatchShape,
  places: RegularizedPlaces = "targets",
): Float32Array {
  const { lengths, time, rows, tokens } = batch;
  switch (places) {
    case "targets":
      return weightsBy(batch, () => 1 / tokens);
    case "published": {
      const longest = lengths.filter((n) => n === time).length;
      const count = tokens + rows - longest;
      return weightsBy(batch, () => 1 / count, (n) => Math.min(n + 1, time));
    }
    case "all":
      return weightsBy(batch, () => 1 / (rows * time), () => time);
  }
}

/**
 * The regularizer, equation (5): the squared marginal of one token a place, drawn uniformly from the whole
 * vocabulary, so that unrelated tokens are rated like the prefix. Averaged over labels.
 *
 * @param marginals Δr̂ of the drawn tokens, `[batch, time, labels]`.
 * @param weights from `regularizerWeights`, `[batch, time]`.
 */
export function regularizerLoss(marginals: Float, weights: Float): Float {
  return sumAll(mul(weights, overLabels(square(marginals), "mean")));
}
