import { plus } from "../graph/dim.ts";
import { cast, reshape } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Backbone } from "./backbone.ts";
import { forward } from "./forward.ts";
import { languageModelHead } from "./language_model_head.ts";
import type { Parameters } from "./parameters.ts";

/**
 * A language model with the inputs and outputs that Hugging Face's optimum gives it, which transformers.js
 * expects of every causal language model:
 *
 * - `input_ids` and `position_ids`, int64 `[batch, time]`, `attention_mask`, int64 `[batch, past + time]`, and
 *   `past_key_values.N.key` and `.value`, float32 `[batch, heads, past, size]`;
 * - `logits`, float32 `[batch, time, vocab]`, and `present.N.key` and `.value`, `[batch, heads, past + time, size]`.
 */
export function optimumLanguageModel(
  backbone: Backbone,
  parameters: Parameters,
): Record<string, Tensor> {
  // transformers.js makes the empty caches of the first run by these names
  const [batch, time, past] = ["batch_size", "sequence_length", "past_sequence_length"];
  const mask = input("attention_mask", "int64", [batch, plus(past, time)]);
  const { hidden, present } = forward(backbone, parameters, {
    ids: input("input_ids", "int64", [batch, time]),
    mask: cast(mask, "float32"),
    positions: input("position_ids", "int64", [batch, time]),
    past: backbone.blocks.map(({ keyHeads, size }, layer) => {
      const shape = [batch, keyHeads, past, size];
      return {
        key: input(`past_key_values.${layer}.key`, "float32", shape),
        value: input(`past_key_values.${layer}.value`, "float32", shape),
      };
    }),
  });
  const logits = languageModelHead(backbone, parameters, hidden);
  return {
    logits: reshape(logits, [batch, time, backbone.vocabulary]),
    ...Object.fromEntries(present.flatMap(({ key, value }, layer) => [
      [`present.${layer}.key`, key],
      [`present.${layer}.value`, value],
    ])),
  };
}
