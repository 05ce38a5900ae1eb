import { join } from "node:path";
import { cannotRead } from "../files/file_errors.ts";

/** Text to token ids and back. */
export interface Tokenizer {
  /** One more than the largest token id. */
  readonly vocabSize: number;
  /** The id that begins and ends a text: `<|endoftext|>`, or whatever the folder names as eos or bos. */
  readonly endOfText: number;
  /** The special tokens that texts begin with, such as BOS, where the model was trained with them; often absent. */
  readonly begin?: readonly number[];
  /** The token ids of `text`; no special tokens are added. */
  encode(text: string): number[];
  /**
   * The text of `ids`, special tokens left out and blanks untouched, so that byte-level tokenizers
   * give back exactly what was encoded. Bytes that are not whole UTF-8 characters become U+FFFD.
   *
   * @throws {RangeError} An id is not in the vocabulary.
   */
  decode(ids: readonly number[]): string;
  /**
   * The token's own spelling in the vocabulary, such as `Ġthe` for a byte-level token.
   *
   * @throws {RangeError} The id is not in the vocabulary.
   */
  token(id: number): string;
}

/** Vocabularies are read into an array by id; a file may not ask for a longer one than this. */
const idLimit = 2 ** 24;

/**
 * Loads the tokenizer of a model folder through transformers.js: `tokenizer.json`, and
 * `tokenizer_config.json` where there is one. Nothing outside the folder is read.
 *
 * The files are read here and given to transformers.js' `PreTrainedTokenizer`, because
 * `AutoTokenizer` needs `tokenizer_config.json`, looks for it on the network unless a global setting
 * forbids that, and caches by path.
 *
 * @throws {Error} The folder or its `tokenizer.json` is missing or cannot be read.
 * @throws {SyntaxError} A file is not UTF-8 or JSON, or does not describe a tokenizer.
 */
export async function loadTokenizer(dir: string): Promise<Tokenizer> {
  const path = join(dir, "tokenizer.json");
  const tokenizerJson = await readJson(path);
  if (tokenizerJson === undefined) {
    throw new Error(
      `There is no tokenizer in ${dir}: it holds no tokenizer.json; name a model folder that has one.`,
    );
  }
  checkIds(tokenizerJson, path);
  const config = await readJson(join(dir, "tokenizer_config.json")) ?? {};
  // Imported only now: it loads the native runtime, which a command that only prints help can spare.
  const { PreTrainedTokenizer } = await import("@huggingface/transformers");
  try {
    return tokenizerOf(new PreTrainedTokenizer(tokenizerJson, config), dir);
  } catch (cause) {
    throw new SyntaxError(
      `${path} does not describe a tokenizer that transformers.js understands (${
        cause instanceof Error ? cause.message : cause
      }); save it again with Hugging Face tokenizers.`,
      { cause },
    );
  }
}

/** The part of transformers.js' tokenizer that is used here. */
export interface HuggingFaceTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): number[];
  decode(
    ids: number[],
    options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean },
  ): string;
  get_vocab(): Map<string | undefined, number>;
  eos_token_id?: number;
  bos_token_id?: number;
}

/** A tokenizer of transformers.js as ours; `dir` is what errors call the place that it comes from. */
export function tokenizerOf(tokenizer: HuggingFaceTokenizer, dir: string): Tokenizer {
  const vocabulary = tokenizer.get_vocab();
  const tokens: string[] = [];
  // Gaps between ids come as the key `undefined`.
  for (const [token, id] of vocabulary) if (token !== undefined) tokens[id] = token;

  const endOfText = tokenizer.eos_token_id ?? tokenizer.bos_token_id ??
    vocabulary.get("<|endoftext|>");
  if (endOfText === undefined) {
    throw new Error(`no end-of-text token is named in ${dir}, and <|endoftext|> is not a token`);
  }

  const token = (id: number) => {
    const found = tokens[id];
    if (found === undefined) {
      throw new RangeError(
        `Token id ${id} is not in the vocabulary of ${dir}, which has ids 0 to ${
          tokens.length - 1
        }; use ids that this tokenizer made.`,
      );
    }
    return found;
  };

  const [marked, plain] = [true, false].map((marked) =>
    tokenizer.encode("a", { add_special_tokens: marked })
  );

  return {
    vocabSize: tokens.length,
    endOfText,
    begin: marked.slice(0, Math.max(0, marked.indexOf(plain[0]))),
    token,
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }),
    decode(ids) {
      if (ids.length === 0) return "";
      ids.forEach(token);
      return tokenizer.decode([...ids], {
        skip_special_tokens: true,
        clean_up_tokenization_spaces: false,
      });
    },
  };
}

type JsonObject = Record<string, unknown>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON object in a file, or undefined where there is no such file. */
async function readJson(path: string): Promise<JsonObject | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return;
    throw cannotRead(path, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new SyntaxError(
      `${path} is not JSON in UTF-8 (${
        cause instanceof Error ? cause.message : cause
      }); fetch or save the model folder again.`,
      { cause },
    );
  }
  if (!isObject(value)) throw new SyntaxError(`${path} must hold a JSON object.`);
  return value;
}

/** Refuses ids that transformers.js would take as array indices without looking. */
function checkIds(tokenizerJson: JsonObject, path: string): void {
  const { model, added_tokens: added } = tokenizerJson;
  const ids: [string, unknown][] = [];
  if (isObject(model) && isObject(model.vocab)) {
    for (const entry of Object.entries(model.vocab)) ids.push(entry);
  }
  if (Array.isArray(added)) {
    for (const item of added) ids.push(isObject(item) ? [`${item.content}`, item.id] : ["?", item]);
  }
  for (const [token, id] of ids) {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= idLimit) {
      throw new SyntaxError(
        `${path} gives the token ${JSON.stringify(token)} the id ${
          JSON.stringify(id)
        }, which must be an integer from 0 to ${idLimit - 1}.`,
      );
    }
  }
}
