import { matmul, mul, reduceSum, reshape } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Head, RewardHead } from "./reward_head.ts";

type Float = Tensor<"float32">;

/** A model that is a language model and has nothing beside it: what it says of a token is made of its logit. */
export const languageHead: Head = { shapes: new Map() };

/** The logit of one token a row, ⟨h, e⟩: hidden states and embeddings `[rows, d]` → `[rows, 1]`. */
export function logitOf(hidden: Float, embeddings: Float): Float {
  return reduceSum(mul(hidden, embeddings), [1], { keep: true });
}

/** The same head where the logits themselves are rewards. */
export const logitHead: RewardHead = {
  ...languageHead,
  rewards: (_parameters, hidden, embeddings) => {
    const [rows, width] = hidden.shape;
    return matmul(reshape(hidden, [rows, 1, width]), embeddings, { transposeB: true });
  },
};
