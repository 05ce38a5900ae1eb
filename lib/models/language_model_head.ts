import { asRows, gather, gemm, matmul, quantizedMatmul, reshape } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Backbone } from "./backbone.ts";
import type { Parameters } from "./parameters.ts";

type Float = Tensor<"float32">;

/** A quantized model keeps the output embedding once more in few bits under this name: as rows, it is looked up in float32. */
export const quantizedHead = "lm_head.weight";

/** The rows e_i of the output embedding, `[vocab, d]`. */
export function outputEmbeddings(
  { outputEmbedding, vocabulary, width }: Backbone,
  parameters: Parameters,
): Float {
  return parameters(outputEmbedding, [vocabulary, width]);
}

/** Language-model logits, z_i = ⟨h, e_i⟩: `[rows, d]` → `[rows, vocab]`. */
export function languageModelHead(
  backbone: Backbone,
  parameters: Parameters,
  hidden: Float,
): Float {
  const quantized = parameters.quantized?.(quantizedHead, [backbone.width, backbone.vocabulary]);
  return quantized
    ? quantizedMatmul(hidden, quantized)
    : gemm(hidden, outputEmbeddings(backbone, parameters), { transposeB: true });
}

/**
 * Language-model logits of some tokens only: `[batch, states, d]` and candidates `[batch, k]` → `[batch, states, k]`; without
 * candidates, those of all tokens, `[batch, states, vocab]`.
 */
export function tokenLogits(
  backbone: Backbone,
  parameters: Parameters,
  hidden: Float,
  candidates?: Tensor<"int64">,
): Float {
  const embeddings = outputEmbeddings(backbone, parameters);
  if (candidates) return matmul(hidden, gather(embeddings, candidates), { transposeB: true });
  const [batch, states] = hidden.shape;
  return reshape(gemm(asRows(hidden), embeddings, { transposeB: true }), [
    batch,
    states,
    backbone.vocabulary,
  ]);
}
