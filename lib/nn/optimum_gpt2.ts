import { plus } from "../graph/dim.ts";
import { cast, reshape } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { gpt2, languageModelHead } from "./gpt2.ts";
import type { Gpt2Config } from "./gpt2_config.ts";
import type { Parameters } from "./parameters.ts";

/**
 * A GPT-2 language model with the inputs and outputs that Hugging Face's optimum gives it, which transformers.js
 * expects of every causal language model:
 *
 * - `input_ids` and `position_ids`, int64 `[batch, time]`, `attention_mask`, int64 `[batch, past + time]`, and
 *   `past_key_values.N.key` and `.value`, float32 `[batch, heads, past, d / heads]`;
 * - `logits`, float32 `[batch, time, vocab]`, and `present.N.key` and `.value`, `[batch, heads, past + time, d / heads]`.
 */
export function optimumGpt2(config: Gpt2Config, parameters: Parameters): Record<string, Tensor> {
  // transformers.js makes the empty caches of the first run by these names
  const [batch, time, past] = ["batch_size", "sequence_length", "past_sequence_length"];
  const cacheShape = [batch, config.heads, past, config.width / config.heads];
  const mask = input("attention_mask", "int64", [batch, plus(past, time)]);
  const { hidden, present } = gpt2(config, parameters, {
    ids: input("input_ids", "int64", [batch, time]),
    mask: cast(mask, "float32"),
    positions: input("position_ids", "int64", [batch, time]),
    past: Array.from({ length: config.layers }, (_, layer) => ({
      key: input(`past_key_values.${layer}.key`, "float32", cacheShape),
      value: input(`past_key_values.${layer}.value`, "float32", cacheShape),
    })),
  });
  const logits = languageModelHead(config, parameters, hidden);
  return {
    logits: reshape(logits, [batch, time, config.vocabulary]),
    ...Object.fromEntries(present.flatMap(({ key, value }, layer) => [
      [`present.${layer}.key`, key],
      [`present.${layer}.value`, value],
    ])),
  };
}
