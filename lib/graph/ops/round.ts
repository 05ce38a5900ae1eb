import { applyOne, defineOp } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const same = ([x]: readonly (Tensor | undefined)[]) => [{ dtype: x!.dtype, shape: x!.shape }];

export const Abs = defineOp({ name: "Abs", attributes: {}, infer: same, gradient: "none" });

export const Round = defineOp({ name: "Round", attributes: {}, infer: same, gradient: "none" });

/** |x| elementwise. Has no gradient: use it behind `stopGradient`. */
export function abs(x: Tensor<"float32">): Tensor<"float32"> {
  return applyOne(Abs, [x]);
}

/** The nearest whole number elementwise, of two the even one. Has no gradient: use it behind `stopGradient`. */
export function round(x: Tensor<"float32">): Tensor<"float32"> {
  return applyOne(Round, [x]);
}
