import { join } from "node:path";
import { parseJson } from "../files/json.ts";
import { isObject, type JsonObject } from "../tokenization/json.ts";
import { trimEnd } from "../tokenization/pattern.ts";
import { olderTokenizerFiles } from "../weights/side_files.ts";
import { notText, readUtf8 } from "./text_file.ts";

/** Classes of transformers that build BERT's tokenizers anew, from the vocabulary and `tokenizer_config.json`. */
export const wordPieceClasses = ["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer"];

const bertTokens = {
  unk_token: "[UNK]",
  sep_token: "[SEP]",
  pad_token: "[PAD]",
  cls_token: "[CLS]",
  mask_token: "[MASK]",
};

const endOfText = "<|endoftext|>";

/** The special tokens that a class of transformers has where no file names others. */
export const usualTokens: Readonly<Record<string, JsonObject>> = {
  ...Object.fromEntries(wordPieceClasses.map((name) => [name, bertTokens])),
  RobertaTokenizer: {
    bos_token: "<s>",
    eos_token: "</s>",
    unk_token: "<unk>",
    sep_token: "</s>",
    pad_token: "<pad>",
    cls_token: "<s>",
    mask_token: "<mask>",
  },
  GPT2Tokenizer: { bos_token: endOfText, eos_token: endOfText, unk_token: endOfText },
};

/**
 * A `tokenizer.json` of the files from before there was one: BERT's `vocab.txt`, a token a line, or `vocab.json` and `merges.txt` of
 * RoBERTa and GPT-2; undefined where there are none.
 *
 * @param name the class of transformers that reads them.
 * @throws {Error} if a file cannot be read; {SyntaxError} if it is not UTF-8, or is no vocabulary.
 */
export async function readOlderTokenizer(
  dir: string,
  name: string | undefined,
): Promise<JsonObject | undefined> {
  const [words, vocabulary, merges] = olderTokenizerFiles.map((file) => join(dir, file));
  if (wordPieceClasses.includes(name ?? "")) {
    const text = await readUtf8(words);
    if (text === undefined) return undefined;
    const vocab = Object.fromEntries(linesOf(text).map((line, id) => [trimEnd(line), id]));
    return { model: { type: "WordPiece", vocab, unk_token: "[UNK]" }, added_tokens: [] };
  }
  if (name !== "RobertaTokenizer" && name !== "GPT2Tokenizer") return undefined;
  const [json, pairs] = await Promise.all([readUtf8(vocabulary), readUtf8(merges)]);
  if (json === undefined || pairs === undefined) return undefined;
  return {
    model: {
      type: "BPE",
      vocab: vocabularyIn(vocabulary, json),
      merges: linesOf(pairs).filter((line, i) => line !== "" && !(i === 0 && isVersion(line))),
    },
    pre_tokenizer: { type: "ByteLevel" },
    decoder: { type: "ByteLevel" },
    added_tokens: [],
  };
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function isVersion(line: string): boolean {
  return line.startsWith("#version");
}

function vocabularyIn(path: string, text: string): JsonObject {
  let vocab: unknown;
  try {
    vocab = parseJson(text);
  } catch (cause) {
    throw notText(path, cause);
  }
  if (!isObject(vocab)) throw new SyntaxError(`${path} must hold a JSON object.`);
  return vocab;
}
