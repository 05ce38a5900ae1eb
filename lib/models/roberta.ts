import { bertNames, parseBert } from "./bert.ts";
import type { ConfigJson } from "./config_json.ts";
import { type PostNormConfig, postNormEncoder } from "./post_norm_encoder.ts";

/**
 * RoBERTa (Liu et al., 2019) without dropout, as Hugging Face's `RobertaModel` computes it: BERT whose positions are counted from
 * that of padding on, and whose classifier has its own first layer. XLM-RoBERTa is the same with another vocabulary.
 */
export const roberta = postNormEncoder({
  modelTypes: ["roberta", "xlm-roberta"],
  title: "RoBERTa",
  models: "RoBERTa, DistilRoBERTa, XLM-RoBERTa, and multilingual E5 and BGE",
  classes: { backbone: "RobertaModel", classifier: "RobertaForSequenceClassification" },
  names: bertNames,
  head: { dense: "classifier.dense", activation: "tanh", output: "classifier.out_proj" },
  parse,
});

function parse(config: ConfigJson): PostNormConfig {
  const settings = parseBert(config, 1);
  const context = settings.context - settings.pad - 1;
  if (context < 1) {
    throw new RangeError(
      `${config.where} says max_position_embeddings: ${settings.context}; it must be more than pad_token_id + 1, ` +
        "from which positions are counted.",
    );
  }
  return { ...settings, context, countsTokens: true };
}
