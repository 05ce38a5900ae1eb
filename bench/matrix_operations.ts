import { type Dim, evaluate, multiply, sizeOf } from "../lib/graph/dim.ts";
import { nodesBefore } from "../lib/graph/op.ts";
import type { Tensor } from "../lib/graph/tensor.ts";

const products = new Set(["Gemm", "FusedMatMul"]);

/**
 * The multiplications and additions of a graph's matrix products, bias aside: 2 m n k for `[m, k]·[k, n]`.
 *
 * @param sizes of the names in shapes, such as `batch`.
 * @throws {RangeError} if a shape has a name without a size.
 */
export function matrixOperations(
  outputs: readonly Tensor[],
  sizes: ReadonlyMap<Dim, number>,
): number {
  let operations = 0;
  for (const { op, inputs: [a], attributes, outputs: [y] } of nodesBefore(...outputs)) {
    if (!products.has(op.name)) continue;
    const inner = a!.shape.at(attributes.transA === 1 ? -2 : -1)!;
    const each = evaluate(multiply(2, sizeOf(y.shape), inner), sizes);
    if (each === undefined) throw new RangeError(`${op.name} has extents without a size.`);
    operations += each;
  }
  return operations;
}
