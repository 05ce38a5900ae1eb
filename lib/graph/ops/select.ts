import { type Dim, showShape } from "../dim.ts";
import { apply, applyOne, defineOp } from "../op.ts";
import { extents, scalar, type Tensor } from "../tensor.ts";

// Ops that choose among values. They end a graph or shift a loss; no gradient goes through a choice.

export const TopK = defineOp({
  name: "TopK",
  attributes: { axis: "int" },
  infer: ([x, k]) => {
    if (k?.source.kind !== "extents") throw new TypeError("TopK: k must be an extent.");
    const shape = [...x!.shape.slice(0, -1), k.source.dims[0]];
    return [{ dtype: x!.dtype, shape }, { dtype: "int64", shape }];
  },
  gradient: "none",
});

export const ArgMax = defineOp({
  name: "ArgMax",
  attributes: { axis: "int", keepdims: "int" },
  infer: ([x]) => [{ dtype: "int64", shape: x!.shape.slice(0, -1) }],
  gradient: "none",
});

export const GatherElements = defineOp({
  name: "GatherElements",
  attributes: { axis: "int" },
  infer: ([x, indices]) => {
    if (indices!.shape.length !== x!.shape.length) {
      throw new RangeError(
        `GatherElements: ${showShape(x!.shape)} and indices ${
          showShape(indices!.shape)
        } differ in rank.`,
      );
    }
    return [{ dtype: x!.dtype, shape: indices!.shape }];
  },
  gradient: "none",
});

export const ReduceMax = defineOp({
  name: "ReduceMax",
  attributes: { keepdims: "int" },
  infer: ([x]) => [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), 1] }],
  gradient: "none",
});

export const Clip = defineOp({
  name: "Clip",
  attributes: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  gradient: "none",
});

/** The `k` largest values along the last axis, largest first, and their places: `[…, n]` → two of `[…, k]`. */
export function topK(x: Tensor<"float32">, k: Dim): [Tensor<"float32">, Tensor<"int64">] {
  const [values, indices] = apply(TopK, [x, extents([k])], { axis: -1 });
  return [values as Tensor<"float32">, indices as Tensor<"int64">];
}

/** The place of the largest value along the last axis, the first of equals: `[…, n]` → `[…]`. */
export function argMax(x: Tensor<"float32">): Tensor<"int64"> {
  return applyOne(ArgMax, [x], { axis: -1, keepdims: 0 });
}

/** The values at places along the last axis: `[…, n]`, int64 `[…, k]` → `[…, k]`. @throws {RangeError} if ranks differ. */
export function gatherLast<T extends Tensor>(x: T, indices: Tensor<"int64">): T {
  return applyOne(GatherElements, [x, indices], { axis: -1 }) as T;
}

/** The largest value along the last axis, which stays as an extent of 1. Has no gradient: use it behind `stopGradient`. */
export function maxLast(x: Tensor<"float32">): Tensor<"float32"> {
  const axes: Tensor = {
    dtype: "int64",
    shape: [1],
    source: { kind: "constant", data: BigInt64Array.of(-1n) },
  };
  return applyOne(ReduceMax, [x, axes], { keepdims: 1 });
}

/** `x` limited to [low, high] elementwise. Has no gradient: use it behind `stopGradient`. */
export function clip(x: Tensor<"float32">, low: number, high: number): Tensor<"float32"> {
  return applyOne(Clip, [x, scalar("float32", low), scalar("float32", high)]);
}
