import { type Dim, multiply } from "../graph/dim.ts";
import { matmul, reshape } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { BlockAttention } from "./backbone.ts";

type Float = Tensor<"float32">;

/** Finite, so that a row that sees nothing (a query at left padding) stays free of NaN. */
export const hiddenFromView = -1e9;

/** Scaled q kᵀ: `[batch, heads, time, size]`, `[batch, keyHeads, columns, size]` → `[batch, heads, time, columns]`. */
export function attentionScores(block: BlockAttention, query: Float, key: Float): Float {
  return perKeyHead(block, query, (x) => matmul(x, key, { transposeB: true, alpha: block.scale }));
}

/** Values by their weights: `[batch, heads, time, columns]`, `[batch, keyHeads, columns, size]` → `[batch, heads, time, size]`. */
export function mixedValues(block: BlockAttention, weights: Float, value: Float): Float {
  return perKeyHead(block, weights, (x) => matmul(x, value));
}

/** Neighbouring heads that share keys are rows of one matrix product: nothing is repeated. */
function perKeyHead(
  { heads, keyHeads }: BlockAttention,
  x: Float,
  product: (x: Float) => Float,
): Float {
  if (heads === keyHeads) return product(x);
  const [batch, , time, columns] = x.shape;
  const rows: Dim = multiply(heads / keyHeads, time);
  const result = product(reshape(x, [batch, keyHeads, rows, columns]));
  return reshape(result, [batch, heads, time, result.shape[3]]);
}
