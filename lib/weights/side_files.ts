/** The files that a chat template may have of its own: the usual one, and that of processors. */
export const chatTemplateFiles = ["chat_template.jinja", "chat_template.json"];

/** The files of a tokenizer; all but the first may be absent, and it too where there are older ones. */
export const tokenizerFiles = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  ...chatTemplateFiles,
];

/** A tokenizer from before there was `tokenizer.json`: BERT's vocabulary, or that of RoBERTa and GPT-2 with its merges. */
export const olderTokenizerFiles = ["vocab.txt", "vocab.json", "merges.txt"];

/** What sentence-transformers says of how texts get their vectors; may be absent. */
export const sentenceFiles =
  /^(modules\.json|sentence_\w+_config\.json|config_sentence_transformers\.json|\d+_\w+\/config\.json)$/;

/** What is said of generating, such as the tokens that end a text; may be absent. */
export const generationFile = "generation_config.json";

/** The files of an adapter as PEFT has them (https://huggingface.co/docs/peft/developer_guides/checkpoint). */
export const adapterConfigFile = "adapter_config.json";
export const adapterWeightsFile = "adapter_model.safetensors";
export const adapterFiles = [adapterConfigFile, adapterWeightsFile];
