import { constant, type Tensor } from "../graph/tensor.ts";

/** The numbers 0, 1, 2, … `count − 1`, `[count]`: columns and positions that graphs slice and compare. */
export function places(count: number): Tensor<"float32"> {
  return constant("float32", [count], Float32Array.from({ length: count }, (_, i) => i));
}
