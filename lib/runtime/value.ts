import * as ort from "onnxruntime-node";
import { type Dim, evaluate, type Shape } from "../graph/dim.ts";
import type { DType } from "../graph/tensor.ts";
import { feedable } from "./half_values.ts";

/** A concrete tensor: in memory, or on the device, where `location` is `"gpu-buffer"`. */
export type Value = ort.Tensor;

/** The arrays that hold the elements of each type. */
export interface ArrayOf {
  /** Its bits. */
  float16: Uint16Array;
  float32: Float32Array;
  float64: Float64Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

const arrays = {
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/**
 * A tensor in memory over `data`, without a copy.
 *
 * @throws {RangeError} if the data does not fill the shape.
 */
export function valueOf<D extends DType>(
  dtype: D,
  shape: readonly number[],
  data: ArrayOf[D],
): Value {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (data.length !== size) {
    throw new RangeError(`A value of shape [${shape}] needs ${size} elements, got ${data.length}.`);
  }
  return new ort.Tensor(dtype, data as Float32Array, shape);
}

/** A float32 tensor in memory over `data`, without a copy. @throws {RangeError} if it does not fill the shape. */
export function floats(shape: readonly number[], data: Float32Array): Value {
  return valueOf("float32", shape, data);
}

/** An int64 tensor in memory with the given integers. @throws {RangeError} if they do not fill the shape. */
export function integers(shape: readonly number[], data: ArrayLike<number>): Value {
  return valueOf("int64", shape, BigInt64Array.from(data, BigInt));
}

/** A tensor of zeros in memory. */
export function zeros(dtype: DType, shape: readonly number[]): Value {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return valueOf(dtype, shape, new arrays[dtype](size) as ArrayOf[DType]);
}

/** Says what is wrong with a fed tensor, or nothing. Extents by name must agree among all that are fed together. */
export function mismatch(
  value: Value,
  dtype: DType,
  shape: Shape,
  sizes: Map<Dim, number>,
): string | undefined {
  const fits = value.dims.length === shape.length && shape.every((dim, axis) => {
    const extent = value.dims[axis];
    if (typeof dim === "number") return extent === dim;
    const known = evaluate(dim, sizes);
    if (known === undefined) sizes.set(dim, extent);
    return (known ?? extent) === extent;
  });
  if (fits && value.type === dtype) return undefined;
  const known = shape.map((dim) => {
    const size = typeof dim === "number" ? undefined : evaluate(dim, sizes);
    return size === undefined ? dim : `${dim}=${size}`;
  });
  return `needs ${dtype} [${known.join(", ")}], got ${value.type} [${value.dims.join(", ")}]`;
}

/** The named rows of a tensor in memory, `[rows, …]`, in that order; a row may be named more than once. */
export function rowsOf(value: Value, rows: readonly number[]): Value {
  const [, ...rest] = value.dims;
  const size = rest.reduce((product, extent) => product * extent, 1);
  // whichever array it is: float16 comes in several
  const from = value.data as Float32Array;
  const picked = new (from.constructor as Float32ArrayConstructor)(rows.length * size);
  rows.forEach((row, i) => picked.set(from.subarray(row * size, (row + 1) * size), i * size));
  return feedable(new ort.Tensor(value.type as "float32", picked, [rows.length, ...rest]));
}

/**
 * Gives the memory of a tensor back at once: the garbage collector lets a hundred megabytes of them wait. The tensor
 * must own its memory, as those that a session gives out do, and must not be used any more.
 */
export function free(value: Value): void {
  if (value.location === "cpu") {
    // a transfer to nothing is how JavaScript frees a buffer
    ((value.data as Float32Array).buffer as ArrayBuffer).transfer(0);
  }
  value.dispose();
}
