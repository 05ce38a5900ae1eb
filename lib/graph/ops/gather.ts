import { showShape, sizeOf } from "../dim.ts";
import { applyOne, defineOp } from "../op.ts";
import { type FloatType, scalar, type Tensor } from "../tensor.ts";
import { expand } from "./reduce_sum.ts";
import { reshape } from "./reshape.ts";

export const Gather = defineOp({
  name: "Gather",
  attributes: { axis: "int" },
  infer: ([table, indices]) => {
    if (indices!.dtype !== "int64") {
      throw new TypeError(`Gather: indices must be int64, got ${indices!.dtype}.`);
    }
    return [{ dtype: table!.dtype, shape: [...indices!.shape, ...table!.shape.slice(1)] }];
  },
  // a row's gradient is the sum over the places that read it
  gradient: ({ inputs: [table, indices] }, [dy]) => [
    scatterRows(dy as Tensor<FloatType>, indices as Tensor<"int64">, table as Tensor<FloatType>),
  ],
});

export const ScatterElements = defineOp({
  name: "ScatterElements",
  attributes: { axis: "int", reduction: "string" },
  infer: ([into, indices, updates]) => {
    if (indices!.shape.length !== into!.shape.length) {
      throw new RangeError(
        `ScatterElements: indices ${showShape(indices!.shape)} and data ${
          showShape(into!.shape)
        } differ in rank; updates are ${showShape(updates!.shape)}.`,
      );
    }
    return [{ dtype: into!.dtype, shape: into!.shape }];
  },
  gradient: "none",
});

/** The rows of `table` named by `indices`: `[v, …]`, `[i, j]` → `[i, j, …]`. @throws {TypeError} if indices are not int64. */
export function gather<T extends Tensor>(table: T, indices: Tensor<"int64">): T {
  return applyOne(Gather, [table, indices], { axis: 0 }) as T;
}

/**
 * `x` with other values at places along the last axis: `[…, n]`, int64 `[…, k]`, `[…, k]` → `[…, n]`. A place that is named more
 * than once has to get the same value each time. Has no gradient.
 *
 * @throws {RangeError} if ranks differ.
 */
export function scatterLast<T extends Tensor>(x: T, indices: Tensor<"int64">, updates: T): T {
  return applyOne(ScatterElements, [x, indices, updates], { axis: -1, reduction: "none" }) as T;
}

/** Sums the rows of `updates` `[i, j, …]` into the rows of a zero table of `like`'s shape `[v, …]` named by `indices`. */
function scatterRows(
  updates: Tensor<FloatType>,
  indices: Tensor<"int64">,
  like: Tensor<FloatType>,
): Tensor<FloatType> {
  const count = sizeOf(indices.shape);
  const row = like.shape.slice(1);
  const rows = reshape(updates, [count, ...row]);
  const zeros = expand(scalar(updates.dtype, 0), like.shape);
  const index = expand(reshape(indices, [count, ...row.map(() => 1)]), rows.shape);
  return applyOne(ScatterElements, [zeros, index, rows], {
    axis: 0,
    reduction: "add",
  });
}
