import { activationNames } from "./activations.ts";
import type { ConfigJson } from "./config_json.ts";
import { headsOf, type PostNormConfig, postNormEncoder } from "./post_norm_encoder.ts";

/**
 * DistilBERT (Sanh et al., 2019) without dropout, as Hugging Face's `DistilBertModel` computes it: BERT without types of tokens,
 * under other names.
 */
export const distilbert = postNormEncoder({
  modelTypes: ["distilbert"],
  title: "DistilBERT",
  models: "DistilBERT and what was tuned from it, such as the SST-2 classifier of the paper",
  classes: { backbone: "DistilBertModel", classifier: "DistilBertForSequenceClassification" },
  names: {
    blocks: "transformer.layer",
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    output: "attention.out_lin",
    attentionNorm: "sa_layer_norm",
    expand: "ffn.lin1",
    contract: "ffn.lin2",
    norm: "output_layer_norm",
  },
  head: { dense: "pre_classifier", activation: "relu", output: "classifier" },
  parse,
});

function parse(config: ConfigJson): PostNormConfig {
  const vocabulary = config.size("vocab_size");
  const width = config.size("dim");
  return {
    vocabulary,
    width,
    context: config.size("max_position_embeddings"),
    pad: config.token("pad_token_id", vocabulary, 0),
    layers: config.blocks("n_layers"),
    attention: headsOf(config, ["dim", width], ["n_heads", config.size("n_heads")]),
    inner: config.size("hidden_dim"),
    epsilon: 1e-12,
    activation: config.oneOf("activation", [...activationNames, undefined]) ?? "gelu",
    types: 0,
    countsTokens: false,
  };
}
