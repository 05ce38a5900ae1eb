import { axisOf } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import type { FloatType, Tensor } from "../tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { reduceSum } from "./reduce_sum.ts";

type Float = Tensor<FloatType>;

export const Softmax = defineOp({
  name: "Softmax",
  attributes: { axis: "int" },
  infer: ([x], { axis }) => {
    axisOf("Softmax", axis!, x!.shape);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  // dx = y (dy − ⟨dy, y⟩)
  gradient: ({ outputs: [y], attributes: { axis } }, [dy]) => {
    const inner = reduceSum(mul(dy as Float, y as Float), [axis!], { keep: true });
    return [mul(y as Float, sub(dy as Float, inner))];
  },
});

/** Softmax along `axis` (default: the last). @throws {RangeError} if there is no such axis. */
export function softmax<D extends FloatType>(x: Tensor<D>, axis = -1): Tensor<D> {
  return applyOne(Softmax, [x], { axis });
}
