import {
  add,
  div,
  greaterOrEqual,
  maxLast,
  mul,
  reduceSum,
  reshape,
  slice,
  sqrt,
  sub,
  transpose,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import { scalar, type Tensor } from "../graph/tensor.ts";
import { hiddenFromView } from "./attention.ts";

type Float = Tensor<"float32">;

/**
 * How one vector stands for the hidden states of a text, as sentence-transformers calls it: their mean, their sum over the root
 * of how many they are, the largest of each component, or the first token's.
 */
export const poolings = ["mean", "mean_sqrt_len", "max", "cls"] as const;
export type Pooling = typeof poolings[number];

/** One vector a text: hidden states `[batch, time, d]` and their mask `[batch, time]` → `[batch, d]`. */
export function pooled(pooling: Pooling, hidden: Float, mask: Float): Float {
  const [batch, , width] = hidden.shape;
  const there = unsqueeze(mask, [2]);
  const tokens = reduceSum(mask, [1], { keep: true });
  // a text without any token has a vector of zeros
  const count = where(greaterOrEqual(tokens, scalar("float32", 1)), tokens, 1);
  switch (pooling) {
    case "mean":
      return div(reduceSum(mul(hidden, there), [1]), count);
    case "mean_sqrt_len":
      return div(reduceSum(mul(hidden, there), [1]), sqrt(count));
    case "max": {
      const seen = add(hidden, mul(sub(there, 1), -hiddenFromView));
      return reshape(maxLast(transpose(seen, [0, 2, 1])), [batch, width]);
    }
    case "cls":
      return reshape(slice(hidden, 1, 0, 1), [batch, width]);
  }
}

/** Vectors of length 1: x / ‖x‖₂, `[batch, d]`. */
export function unitLength(x: Float): Float {
  const length = sqrt(reduceSum(mul(x, x), [1], { keep: true }));
  // as PyTorch's normalize, so that a vector of zeros stays one
  return div(x, add(length, 1e-12));
}
