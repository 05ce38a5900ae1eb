import { asRows, gather, gemm, matmul, reshape } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Gpt2Config } from "./gpt2_config.ts";
import type { Parameters } from "./parameters.ts";

type Float = Tensor<"float32">;

/**
 * Language-model logits of some tokens only, z_v = ⟨h, e_v⟩: `[batch, states, d]` and candidates `[batch, k]` →
 * `[batch, states, k]`; without candidates, those of all tokens, `[batch, states, vocab]`.
 */
export function tokenLogits(
  { vocabulary, width }: Gpt2Config,
  parameters: Parameters,
  hidden: Float,
  candidates?: Tensor<"int64">,
): Float {
  const wte = parameters("wte.weight", [vocabulary, width]);
  if (candidates) return matmul(hidden, gather(wte, candidates), { transposeB: true });
  const [batch, states] = hidden.shape;
  return reshape(gemm(asRows(hidden), wte, { transposeB: true }), [batch, states, vocabulary]);
}
