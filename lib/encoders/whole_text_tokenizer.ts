import { unknownTokenizer } from "../data/tokenizer.ts";
import { readTokenizerFiles } from "../data/tokenizer_files.ts";
import { Tokenization } from "../tokenization/tokenization.ts";

/** A text as an encoder reads it. */
export interface WholeText {
  /** Its ids, those around it included. */
  readonly ids: readonly number[];
  /** Whether it was too long, and some of it was left out. */
  readonly isCut: boolean;
}

/** Reads texts as a whole: with the tokens around them, and cut off where they are too long. */
export interface WholeTextTokenizer {
  /** The longest text in tokens, those around it included, if the folder says one. */
  readonly longest?: number;
  /** The token that fills up rows of texts, if the folder names one. */
  readonly pad?: number;
  /** Whether it stands before the texts, and not behind them. */
  readonly padsLeft: boolean;
  /** @param longest the most tokens that the model reads. */
  encode(text: string, longest: number): WholeText;
}

/**
 * Loads the tokenizer of an encoder's folder, from `tokenizer.json` or from the `vocab.txt` of older folders; ids are those of
 * Hugging Face's `tokenizers`, and so is where long texts are cut off.
 *
 * @throws {Error} if there is none, or a file cannot be read.
 * @throws {SyntaxError} if it is none that is known here.
 */
export async function loadWholeTextTokenizer(dir: string): Promise<WholeTextTokenizer> {
  const { json, longest, cutsStart, pad, padsLeft } = await readTokenizerFiles(dir);
  let tokenization: Tokenization;
  try {
    tokenization = new Tokenization(json);
  } catch (cause) {
    throw unknownTokenizer(dir, cause);
  }
  const { begin, end } = tokenization;
  return {
    longest,
    pad,
    padsLeft,
    encode(text, longest) {
      const ids = tokenization.encode(text);
      const room = Math.max(0, longest - begin.length - end.length);
      const isCut = ids.length > room;
      const kept = isCut ? cutsStart ? ids.slice(ids.length - room) : ids.slice(0, room) : ids;
      return { ids: [...begin, ...kept, ...end], isCut };
    },
  };
}
