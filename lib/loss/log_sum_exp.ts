import { add, exp, log, maxLast, reduceSum, sub } from "../graph/ops/mod.ts";
import { stopGradient } from "../graph/gradient.ts";
import type { Tensor } from "../graph/tensor.ts";

/** log Σ exp z over the last axis, which stays as an extent of 1: what makes logits log-probabilities. */
export function logSumExp(logits: Tensor<"float32">): Tensor<"float32"> {
  // shifting by the largest changes nothing but rounding, so no gradient goes through it
  const largest = stopGradient(maxLast(logits));
  const last = logits.shape.length - 1;
  return add(log(reduceSum(exp(sub(logits, largest)), [last], { keep: true })), largest);
}
