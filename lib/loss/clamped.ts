import { greaterOrEqual, where } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";

type Float = Tensor<"float32">;

/** min(max(x, lower), upper), elementwise; the gradient goes through x where that is between the bounds. */
export function clamped(x: Float, lower: Float, upper: Float): Float {
  const above = where(greaterOrEqual(x, lower), x, lower);
  return where(greaterOrEqual(above, upper), upper, above);
}

/** The larger of two, elementwise; of equals the first. */
export function larger(a: Float, b: Float): Float {
  return where(greaterOrEqual(a, b), a, b);
}
