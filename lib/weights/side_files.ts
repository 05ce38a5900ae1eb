/** The files of a tokenizer; all but the first may be absent. */
export const tokenizerFiles = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
];

/** What is said of generating, such as the tokens that end a text; may be absent. */
export const generationFile = "generation_config.json";
