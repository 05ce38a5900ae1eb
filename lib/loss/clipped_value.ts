import { add, mul, square, sub, sumAll } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { clamped, larger } from "./clamped.ts";

type Float = Tensor<"float32">;

/**
 * The loss of PPO's value head, which may leave what it said when the texts were written by no more than ε at a time (as in the
 * code of Ziegler et al., 2019):
 *
 *     L = ½ Σ w max((V − R)², (clip(V, V_old − ε, V_old + ε) − R)²).
 *
 * @param values V of the places, `[rows]`.
 * @param old V_old, `[rows]`.
 * @param returns R, what followed, `[rows]`; no gradient flows there.
 * @param weights w of the places, `[rows]`.
 * @param range ε.
 */
export function clippedValueLoss(
  values: Float,
  old: Float,
  { returns, weights }: { readonly returns: Float; readonly weights: Float },
  range: number,
): Float {
  const near = clamped(values, sub(old, range), add(old, range));
  const [free, clipped] = [values, near].map((each) => square(sub(each, returns)));
  return mul(sumAll(mul(weights, larger(free, clipped))), 0.5);
}
