import { parseBackbone } from "../../lib/models/architectures.ts";
import type { Backbone } from "../../lib/models/backbone.ts";

/** A model's sizes as its config.json has them: what both sides build it from. */
export type Config = Readonly<Record<string, unknown>>;

/** A GPT-2. */
export function gpt2(width: number, layers: number, heads: number, vocabulary: number): Config {
  return {
    model_type: "gpt2",
    n_embd: width,
    n_layer: layers,
    n_head: heads,
    n_positions: 1024,
    vocab_size: vocabulary,
    bos_token_id: 0,
    eos_token_id: 0,
    resid_pdrop: 0,
    embd_pdrop: 0,
    attn_pdrop: 0,
  };
}

function qwen2(width: number, layers: number, heads: number, inner: number): Config {
  return {
    model_type: "qwen2",
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: 2,
    intermediate_size: inner,
    vocab_size: 151_936,
    max_position_embeddings: 2048,
    tie_word_embeddings: true,
    rms_norm_eps: 1e-6,
    rope_parameters: { rope_type: "default", rope_theta: 1e6 },
    bos_token_id: 0,
    eos_token_id: 0,
  };
}

/** Qwen2.5-0.5B. */
export const qwenHalf = qwen2(896, 24, 14, 4864);

/** What training is compared on: a model, and the texts and tokens of a batch. */
export const trainingShapes: Readonly<
  Record<string, { readonly config: Config; readonly rows: number; readonly time: number }>
> = {
  "d128": { config: gpt2(128, 4, 4, 2048), rows: 32, time: 64 },
  "d256": { config: gpt2(256, 6, 4, 2048), rows: 32, time: 64 },
  "gpt2": { config: gpt2(768, 12, 12, 50_257), rows: 8, time: 64 },
  "qwen2.5-0.5b": { config: qwenHalf, rows: 4, time: 64 },
};

/** What decoding is compared on: the base model, and the backbone of the reward model. */
export const decodingShapes: Readonly<
  Record<string, { readonly base: Config; readonly reward: Config }>
> = {
  "small": { base: gpt2(256, 6, 4, 4096), reward: gpt2(128, 4, 4, 4096) },
  "gpt2-small": { base: gpt2(768, 12, 12, 50_257), reward: gpt2(768, 12, 12, 50_257) },
  "qwen2.5-0.5b": { base: qwenHalf, reward: qwenHalf },
  "gpt2": { base: gpt2(1280, 36, 20, 50_257), reward: gpt2(768, 12, 12, 50_257) },
  "qwen2.5": { base: qwen2(1536, 28, 12, 8960), reward: qwenHalf },
};

/** The shapes that are measured where none is named: those that take minutes. */
export const usualTraining = ["d128", "d256", "gpt2"];
export const usualDecoding = ["small", "gpt2"];

export function backboneOf(config: Config): Backbone {
  return parseBackbone(config, "the shape");
}
