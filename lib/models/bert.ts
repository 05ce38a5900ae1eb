import { activationNames } from "./activations.ts";
import type { ConfigJson } from "./config_json.ts";
import {
  type BlockNames,
  headsOf,
  type PostNormConfig,
  postNormEncoder,
} from "./post_norm_encoder.ts";

/** The modules of BERT's blocks, which RoBERTa's are called as well. */
export const bertNames: BlockNames = {
  blocks: "encoder.layer",
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  output: "attention.output.dense",
  attentionNorm: "attention.output.LayerNorm",
  expand: "intermediate.dense",
  contract: "output.dense",
  norm: "output.LayerNorm",
};

/** BERT (Devlin et al., 2019) without dropout, as Hugging Face's `BertModel` computes it. */
export const bert = postNormEncoder({
  modelTypes: ["bert"],
  title: "BERT",
  models: "BERT, MiniLM, BGE, E5, GTE and others of its kind",
  classes: { backbone: "BertModel", classifier: "BertForSequenceClassification" },
  names: bertNames,
  head: { dense: "pooler.dense", activation: "tanh", output: "classifier" },
  parse: (config) => parseBert(config, 0),
});

/** Reads the settings that BERT and RoBERTa have in common. */
export function parseBert(config: ConfigJson, pad: number): PostNormConfig {
  config.oneOf("position_embedding_type", ["absolute", undefined, null]);
  config.oneOf("is_decoder", [false, undefined]);
  config.oneOf("add_cross_attention", [false, undefined]);
  const vocabulary = config.size("vocab_size");
  const width = config.size("hidden_size");
  const heads = config.size("num_attention_heads");
  return {
    vocabulary,
    width,
    context: config.size("max_position_embeddings"),
    pad: config.token("pad_token_id", vocabulary, pad),
    layers: config.blocks("num_hidden_layers"),
    attention: headsOf(config, ["hidden_size", width], ["num_attention_heads", heads]),
    inner: config.size("intermediate_size"),
    epsilon: config.positive("layer_norm_eps", 1e-12),
    activation: config.oneOf("hidden_act", [...activationNames, undefined]) ?? "gelu",
    types: config.size("type_vocab_size", 2),
    countsTokens: false,
  };
}
