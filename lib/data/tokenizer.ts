import { join } from "node:path";
import type { ChatTemplate } from "../chat/chat_template.ts";
import { checkArgument } from "../options/settle.ts";
import { Tokenization } from "../tokenization/tokenization.ts";
import { modelFolderAt } from "../weights/model_folder.ts";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer_files.ts";
import { shownTokenizer } from "./tokenizer_look.ts";

/** Text to token ids and back. */
export interface Tokenizer {
  /** One more than the largest token id. */
  readonly vocabSize: number;
  /** The id that begins and ends a text: `<|endoftext|>`, or whatever the folder names as eos or bos. */
  readonly endOfText: number;
  /** The special tokens that texts begin with, such as BOS, where the model was trained with them; often absent. */
  readonly begin?: readonly number[];
  /** The id of the token that the folder calls the beginning of a text, if it names one. */
  readonly bos?: number;
  /** How the messages of a chat are written out; absent where the folder has no chat template. */
  readonly chatTemplate?: Pick<ChatTemplate, "render">;
  /** The token ids of `text`; no special tokens are added, and those that are spelled in it are found. */
  encode(text: string): number[];
  /**
   * The text of `ids`, special tokens left out and blanks untouched, so that byte-level tokenizers
   * give back exactly what was encoded. Bytes that are not whole UTF-8 characters become U+FFFD. An id
   * that no token has, as where a model's vocabulary is rounded up, adds nothing.
   */
  decode(ids: readonly number[]): string;
  /** The same with special tokens spelled out; absent where they cannot be told. */
  decodeWithSpecial?(ids: readonly number[]): string;
  /**
   * The token's own spelling in the vocabulary, such as `Ġthe` for a byte-level token.
   *
   * @throws {RangeError} The id is not in the vocabulary.
   */
  token(id: number): string;
  /** The bytes that a token adds to a text that goes on, or undefined if there is no such token; absent if not known. */
  bytes?(id: number): Uint8Array | undefined;
  /**
   * Whether a text may be cut before a blank that follows a letter: its tokens are those of what stands before the blank,
   * whatever follows, and those from the blank on, whatever stands before. Absent where that is not known.
   */
  readonly cutsBeforeBlanks?: boolean;
}

/**
 * Loads the tokenizer of a model folder, or of a GGUF file: `tokenizer.json`, and what `tokenizer_config.json`, `special_tokens_map.json`,
 * `added_tokens.json` and `config.json` add to it, as `AutoTokenizer` of Hugging Face's transformers does. Ids and
 * decoded texts are those of Hugging Face's `tokenizers`; what has no equal here is refused. Nothing outside the folder
 * is read.
 *
 * @throws {Error} The folder or its `tokenizer.json` is missing or cannot be read.
 * @throws {SyntaxError} A file is not UTF-8 or JSON, or does not describe a tokenizer that is known here.
 */
export async function loadTokenizer(dir: string): Promise<Tokenizer> {
  checkArgument("loadTokenizer", "dir", { type: "text" }, dir);
  const files = await readTokenizerFiles(await modelFolderAt(dir));
  try {
    return shownTokenizer(tokenizerOf(files, dir), dir);
  } catch (cause) {
    throw unknownTokenizer(dir, cause);
  }
}

/** The error of a folder whose `tokenizer.json` is not understood. */
export function unknownTokenizer(dir: string, cause: unknown): SyntaxError {
  return new SyntaxError(
    `${join(dir, "tokenizer.json")} does not describe a tokenizer that is known here (${
      cause instanceof Error ? cause.message : cause
    }); save it again with Hugging Face tokenizers, or use another model.`,
    { cause },
  );
}

function tokenizerOf(
  { json, eos, bos, chatTemplate }: TokenizerFiles,
  dir: string,
): Tokenizer {
  const tokenization = new Tokenization(json);
  const { tokens, begin, cutsBeforeBlanks } = tokenization;
  const usual = tokens.indexOf("<|endoftext|>");
  const endOfText = eos ?? bos ?? (usual < 0 ? undefined : usual);
  if (endOfText === undefined) {
    throw new Error(`no end-of-text token is named in ${dir}, and <|endoftext|> is not a token`);
  }
  return {
    vocabSize: tokens.length,
    endOfText,
    begin,
    cutsBeforeBlanks,
    bos,
    chatTemplate,
    token(id) {
      const token = tokens[id];
      if (token !== undefined) return token;
      throw new RangeError(
        `Token id ${id} is not in the vocabulary of ${dir}, which has ids 0 to ${
          tokens.length - 1
        }; use ids that this tokenizer made.`,
      );
    },
    bytes: (id) => tokenization.bytes(id),
    encode: (text) => tokenization.encode(text),
    decode: (ids) => tokenization.decode(ids),
    decodeWithSpecial: (ids) => tokenization.decode(ids, { special: true }),
  };
}
