import { factorsOf, multiply } from "./dim.ts";
import { apply, nodesBefore } from "./op.ts";
import { add } from "./ops/arithmetic.ts";
import { gemm } from "./ops/matmul.ts";
import { reshape } from "./ops/reshape.ts";
import { transpose } from "./ops/transpose.ts";
import type { FloatType, Node, Tensor } from "./tensor.ts";

type Float = Tensor<FloatType>;

/** Narrower matrices are not worth a copy. */
const narrow = 64;

/**
 * The same graph, with products of matrices as ONNX Runtime's CPU provider computes them fastest where rows are the tokens of many
 * texts, as in training:
 *
 * - A bias is added by an op of its own: Gemm writes it into its result with one thread.
 * - What xᵀ dy is computed of is transposed before: Gemm does it once for every 128 columns of the other.
 */
export function forManyRows<T extends Tensor>(
  outputs: Readonly<Record<string, T>>,
): Record<string, T> {
  const made = new Map<Tensor, Tensor>();
  const of = (x: Tensor) => made.get(x) ?? x;
  for (const node of nodesBefore(...Object.values(outputs))) {
    const { op, attributes } = node;
    const inputs = node.inputs.map((x) => x && of(x));
    const again = op.name === "Gemm"
      ? [product({ ...node, inputs })]
      : apply(op, inputs, attributes);
    node.outputs.forEach((y, i) => made.set(y, again[i]));
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, x]) => [name, of(x) as T]));
}

function product({ inputs, attributes }: Node): Float {
  const [a, b, bias] = inputs as Float[];
  const { transA, transB, alpha } = attributes as Record<string, number | undefined>;
  const options = { transposeA: transA === 1, transposeB: transB === 1, alpha };
  if (bias?.shape.length === 1) return add(gemm(a, b, options), bias);
  const [rows, columns] = [a.shape[1], b.shape[1]];
  const isWide = typeof rows === "number" && typeof columns === "number" &&
    Math.min(rows, columns) >= narrow;
  if (bias || transA !== 1 || transB === 1 || !isWide) return gemm(a, b, { ...options, bias });
  return rows <= columns
    ? gemm(transposed(a), b, { alpha })
    : transposed(gemm(transposed(b), a, { alpha }));
}

/** xᵀ, by more than two axes, so that ONNX Runtime does not make it a part of the product again. */
function transposed(x: Float): Float {
  const [rows, columns] = x.shape;
  const [first, ...others] = factorsOf(rows);
  const apart = others.length === 0 ? [1, rows] : [first, multiply(...others)];
  return reshape(transpose(reshape(x, [...apart, columns]), [2, 0, 1]), [columns, rows]);
}
