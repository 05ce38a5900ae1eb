import { showShape } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import type { Tensor } from "../tensor.ts";

export const Transpose = defineOp({
  name: "Transpose",
  attributes: { perm: "ints" },
  infer: ([x], { perm }) => {
    const seen = new Set(perm);
    if (perm?.length !== x!.shape.length || x!.shape.some((_, axis) => !seen.has(axis))) {
      throw new RangeError(
        `Transpose: [${perm}] is not an order of the axes of ${showShape(x!.shape)}.`,
      );
    }
    return [{ dtype: x!.dtype, shape: perm.map((axis) => x!.shape[axis]) }];
  },
  // the inverse permutation brings the gradient back
  gradient: ({ attributes: { perm } }, [dy]) => [
    transpose(dy!, perm!.map((_, axis) => perm!.indexOf(axis))),
  ],
});

/** `x` with its axes in the order `perm`. @throws {RangeError} if `perm` is not a permutation of the axes. */
export function transpose<T extends Tensor>(x: T, perm: readonly number[]): T {
  return applyOne(Transpose, [x], { perm }) as T;
}
