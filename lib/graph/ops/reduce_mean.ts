import { type Dim, multiply } from "../dim.ts";
import { axisOf } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import {
  constant,
  extents,
  type FloatType,
  requireTensor,
  scalar,
  type Tensor,
} from "../tensor.ts";
import { div } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { expand } from "./reduce_sum.ts";

type Float = Tensor<FloatType>;

/** A count as a divisor: a number where it is fixed, else a float tensor of shape [1]. */
function divisor(count: Dim, dtype: FloatType): Float {
  return typeof count === "number" ? scalar(dtype, count) : cast(extents([count]), dtype);
}

export const ReduceMean = defineOp({
  name: "ReduceMean",
  attributes: { keepdims: "int" },
  infer: ([x, axes]) => {
    if (axes?.source.kind !== "constant") throw new TypeError("ReduceMean: axes must be constant.");
    const gone = [...axes.source.data].map((axis) => axisOf("ReduceMean", Number(axis), x!.shape));
    const shape = x!.shape.map((dim, axis) => gone.includes(axis) ? 1 : dim);
    return [{ dtype: x!.dtype, shape }];
  },
  // dx = dy / n, repeated
  gradient: ({ inputs: [x], outputs: [y] }, [dy]) => {
    const count = multiply(...x!.shape.filter((dim, axis) => y.shape[axis] !== dim));
    return [expand(div(dy as Float, divisor(count, dy!.dtype as FloatType)), x!.shape)];
  },
});

/** The mean over `axes`, which stay as extents of 1. @throws {RangeError} if an axis does not exist. */
export function reduceMean<D extends FloatType>(
  x: Tensor<D>,
  axes: readonly number[],
): Tensor<D> {
  requireTensor("reduceMean", x);
  return applyOne(ReduceMean, [x, constant("int64", [axes.length], axes)], { keepdims: 1 });
}
