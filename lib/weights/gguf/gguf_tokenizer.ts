import type { JsonObject } from "../../tokenization/json.ts";
import type { Metadata } from "./metadata.ts";
import { mergesByScore } from "./merges_by_score.ts";
import { wordSplits } from "./word_splits.ts";

/** The tokenizer of a GGUF file as Hugging Face's files hold it. */
export interface GgufTokenizer {
  /** `tokenizer.json`. */
  readonly json: JsonObject;
  /** `tokenizer_config.json`. */
  readonly config: JsonObject;
  /** How many tokens there are. */
  readonly size: number;
  readonly bos?: number;
  readonly eos?: number;
  readonly padding?: number;
  /** All tokens that end a text. */
  readonly ends: readonly number[];
  /** Whether texts begin with BOS. */
  readonly begins: boolean;
}

/** llama.cpp's types of tokens. */
const kinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 };

/** What a tokenizer is made from. */
interface Vocabulary {
  readonly metadata: Metadata;
  readonly tokens: readonly string[];
  /** The type of each token. */
  readonly types: readonly number[];
}

/** What the kinds of tokenizers differ in. */
interface Parts {
  readonly json: JsonObject;
  /** Whether texts begin with BOS where the file does not say. */
  readonly begins: boolean;
}

/**
 * Makes the tokenizer files of Hugging Face from a GGUF file's metadata: byte-level pairs (`gpt2`), or SentencePiece's pairs by scores
 * (`llama`).
 *
 * @throws {SyntaxError} if something is missing or wrong.
 * @throws {TypeError} if the tokenizer is of a kind that is not supported.
 */
export function ggufTokenizer(metadata: Metadata): GgufTokenizer {
  const key = "tokenizer.ggml.tokens";
  const tokens = metadata.texts(key);
  if (tokens === undefined) throw metadata.wrong(key, "is missing");
  if (new Set(tokens).size !== tokens.length) throw metadata.wrong(key, "has a token twice");
  const types = metadata.numbers("tokenizer.ggml.token_type", tokens.length) ??
    tokens.map(() => kinds.normal);
  const { json, begins: begin } = partsOf({ metadata, tokens, types });
  const id = (name: string) => metadata.token(`tokenizer.ggml.${name}_token_id`, tokens.length);
  const [bos, eos, padding, unknown] = ["bos", "eos", "padding", "unknown"].map(id);
  const begins = bos !== undefined && (metadata.flag("tokenizer.ggml.add_bos_token") ?? begin);
  const ends = [eos, id("eot"), id("eom")].filter((id) => id !== undefined);
  const named = (key: string, id: number | undefined) =>
    id === undefined ? {} : { [key]: tokens[id] };
  return {
    json: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: addedTokens(tokens, types),
      ...json,
      post_processor: begins ? beginningWith(tokens[bos], bos) : null,
    },
    config: {
      // so that no class of transformers changes what tokenizer.json says
      tokenizer_class: "PreTrainedTokenizerFast",
      ...named("bos_token", bos),
      ...named("eos_token", eos),
      ...named("unk_token", unknown),
      ...named("pad_token", padding),
      clean_up_tokenization_spaces: false,
      chat_template: metadata.text("tokenizer.chat_template"),
    },
    size: tokens.length,
    bos,
    eos,
    padding,
    ends: [...new Set(ends)],
    begins,
  };
}

function partsOf(vocabulary: Vocabulary): Parts {
  const { metadata } = vocabulary;
  const model = metadata.text("tokenizer.ggml.model");
  switch (model) {
    case "gpt2":
      return bytePairs(vocabulary);
    case "llama":
      return scoredPairs(vocabulary);
    case undefined:
      throw metadata.wrong("tokenizer.ggml.model", "is missing");
    default:
      throw new TypeError(
        `'${metadata.path}' has a tokenizer of the kind ${
          JSON.stringify(model)
        }, which is not supported; ` +
          "it must be 'gpt2' (byte-level pairs) or 'llama' (SentencePiece).",
      );
  }
}

function bytePairs({ metadata, tokens }: Vocabulary): Parts {
  const pre = metadata.text("tokenizer.ggml.pre");
  if (pre === undefined || !Object.hasOwn(wordSplits, pre)) {
    throw new TypeError(
      `'${metadata.path}' ${
        pre === undefined
          ? "does not say how its tokenizer splits words (tokenizer.ggml.pre)"
          : `splits words in the way ${JSON.stringify(pre)}, which is not supported`
      }; it must be ${Object.keys(wordSplits).join(", ")}.`,
    );
  }
  const merges = metadata.texts("tokenizer.ggml.merges");
  if (merges === undefined) throw metadata.wrong("tokenizer.ggml.merges", "is missing");
  const { normalizer = null, pre_tokenizer, ignoresMerges = false, begins = false } =
    wordSplits[pre];
  return {
    begins,
    json: {
      normalizer,
      pre_tokenizer,
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: "",
        end_of_word_suffix: "",
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: ignoresMerges,
        vocab: vocabOf(tokens),
        merges,
      },
    },
  };
}

const blank = "▁";

/** A SentencePiece model: neighbours whose joint piece has the highest score are merged first. */
function scoredPairs({ metadata, tokens, types }: Vocabulary): Parts {
  const scores = metadata.numbers("tokenizer.ggml.scores", tokens.length);
  if (scores === undefined) throw metadata.wrong("tokenizer.ggml.scores", "is missing");
  const isPiece = (type: number) =>
    type === kinds.normal || type === kinds.userDefined || type === kinds.unused;
  const pieces = new Map<string, { id: number; score: number }>();
  tokens.forEach((token, id) => {
    // the converter writes -1000 for what users defined, where SentencePiece has the best score of all
    const score = types[id] === kinds.userDefined ? 0 : scores[id];
    if (isPiece(types[id])) pieces.set(token, { id, score });
  });
  const unknown = types.indexOf(kinds.unknown);
  const isPrefixed = metadata.flag("tokenizer.ggml.add_space_prefix") ?? true;
  const replace = { type: "Replace", pattern: { String: " " }, content: blank };
  return {
    begins: true,
    json: {
      normalizer: isPrefixed ? null : replace,
      pre_tokenizer: isPrefixed
        ? { type: "Metaspace", replacement: blank, prepend_scheme: "first", split: false }
        : null,
      decoder: {
        type: "Sequence",
        decoders: [
          { type: "Replace", pattern: { String: blank }, content: " " },
          { type: "ByteFallback" },
          { type: "Fuse" },
          ...(isPrefixed ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
        ],
      },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: unknown < 0 ? null : tokens[unknown],
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: true,
        byte_fallback: types.includes(kinds.byte),
        ignore_merges: false,
        vocab: vocabOf(tokens),
        merges: mergesByScore(pieces),
      },
    },
  };
}

function vocabOf(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

/** Control tokens are special; those of users are found in texts, and are text. */
function addedTokens(tokens: readonly string[], types: readonly number[]): JsonObject[] {
  return tokens.flatMap((content, id) => {
    const special = types[id] === kinds.control || types[id] === kinds.unknown;
    if (!special && types[id] !== kinds.userDefined || content === "") return [];
    const flags = { single_word: false, lstrip: false, rstrip: false };
    return [{ id, content, ...flags, normalized: content.includes(blank), special }];
  });
}

function beginningWith(token: string, id: number): JsonObject {
  const special = { SpecialToken: { id: token, type_id: 0 } };
  const text = (which: string, type_id: number) => ({ Sequence: { id: which, type_id } });
  return {
    type: "TemplateProcessing",
    single: [special, text("A", 0)],
    pair: [special, text("A", 0), special, text("B", 1)],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
}
