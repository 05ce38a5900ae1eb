import { minus } from "../graph/dim.ts";
import { mul, slice, square, sub, sumAll } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";

type Float = Tensor<"float32">;

/**
 * FaRMA's constraint (Rashid et al., 2025): the value of a prefix is that of its best continuation,
 * (V(y₁ … y_i) − max_v V(y₁ … y_i, v))², summed over places.
 *
 * @param values V of the token at each place, given those before it, `[batch, time]`.
 * @param maxima the largest value of any token at each place, `[batch, time]`: that of place t + 1 is compared with the value
 *   at t.
 * @param weights how the places t count, `[batch, time]`; that of the last is not used.
 */
export function bestContinuationLoss(values: Float, maxima: Float, weights: Float): Float {
  const time = values.shape[1];
  const before = (x: Float) => slice(x, 1, 0, minus(time, 1));
  const after = slice(maxima, 1, 1, time);
  return sumAll(mul(before(weights), square(sub(before(values), after))));
}
