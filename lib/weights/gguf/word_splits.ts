import type { JsonObject } from "../../tokenization/json.ts";

/** How a byte-level tokenizer splits a text before it merges bytes, as parts of `tokenizer.json`. */
export interface WordSplit {
  readonly pre_tokenizer: JsonObject;
  readonly normalizer?: JsonObject;
  /** Whether a word that is a token as a whole becomes it, whatever the merges. Default false. */
  readonly ignoresMerges?: boolean;
  /** Whether texts begin with BOS where the file does not say. Default false. */
  readonly begins?: boolean;
}

const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true };

/** GPT-2's words. */
const gpt2: WordSplit = { pre_tokenizer: { ...byteLevel, use_regex: true } };

/** The same, after every digit was split off. */
const digits: WordSplit = {
  pre_tokenizer: {
    type: "Sequence",
    pretokenizers: [
      { type: "Digits", individual_digits: true },
      { ...byteLevel, use_regex: true },
    ],
  },
};

function pattern(regex: string, more: Omit<WordSplit, "pre_tokenizer">): WordSplit {
  return {
    ...more,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false },
        { ...byteLevel, use_regex: false },
      ],
    },
  };
}

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

/** The words of Llama 3 and Qwen 2, which differ in how many digits stand together. */
const words = (digits: string) =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|` +
  "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const llama3 = pattern(words("{1,3}"), { ignoresMerges: true, begins: true });
const qwen2 = pattern(words(""), { normalizer: { type: "NFC" } });

const tekken = pattern(
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|" +
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|" +
    "\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  { ignoresMerges: true, begins: true },
);

/** By what `tokenizer.ggml.pre` calls it (`llama-vocab.cpp` of llama.cpp has the list). */
export const wordSplits: Readonly<Record<string, WordSplit>> = {
  "gpt-2": gpt2,
  "gpt2": gpt2,
  "phi-2": gpt2,
  "olmo": gpt2,
  "mpt": gpt2,
  "smollm": digits,
  "starcoder": digits,
  "refact": digits,
  "command-r": digits,
  "codeshell": digits,
  "llama3": llama3,
  "llama-v3": llama3,
  "llama-bpe": llama3,
  "smaug-bpe": { ...llama3, ignoresMerges: false, begins: false },
  "qwen2": qwen2,
  "deepseek-r1-qwen": qwen2,
  "stablelm2": { ...qwen2, normalizer: undefined },
  "tekken": tekken,
};
