import { multiply, sameShape, type Shape, showShape, sizeOf } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import { extents, requireTensor, type Tensor } from "../tensor.ts";

export const Reshape = defineOp({
  name: "Reshape",
  attributes: {},
  infer: ([x, shape]) => {
    if (shape?.source.kind !== "extents") {
      throw new TypeError("Reshape: the shape must be extents.");
    }
    const { dims } = shape.source;
    if (sizeOf(x!.shape) !== sizeOf(dims)) {
      throw new RangeError(
        `Reshape: ${showShape(x!.shape)} and ${showShape(dims)} differ in size: ${
          sizeOf(x!.shape)
        } and ${sizeOf(dims)}.`,
      );
    }
    return [{ dtype: x!.dtype, shape: dims }];
  },
  gradient: ({ inputs: [x] }, [dy]) => [reshape(dy!, x!.shape)],
});

/** The elements of `x`, in order, in another shape. @throws {RangeError} if the sizes differ. */
export function reshape<T extends Tensor>(x: T, shape: Shape): T {
  requireTensor("reshape", x);
  return sameShape(x.shape, shape) ? x : applyOne(Reshape, [x, extents(shape)]) as T;
}

/** `x` as a matrix: all axes but the last laid out as rows, `[…, d]` → `[rows, d]`. */
export function asRows<T extends Tensor>(x: T): T {
  requireTensor("asRows", x);
  return reshape(x, [multiply(...x.shape.slice(0, -1)), x.shape.at(-1)!]);
}
