import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import { tinyBackbone } from "../tiny_models.ts";

const { vocabulary, endOfText } = tinyBackbone;

/** A tokenizer of the tiny models: a letter a token. Tokens 3 and 4 are halves of a character, which look the same. */
export const letters: Tokenizer = {
  vocabSize: vocabulary,
  endOfText,
  encode: (text) => Array.from(text, (letter) => letter.codePointAt(0)! - 0x4e00),
  decode: (ids) => ids.map((id) => id === endOfText ? "" : textOf(id)).join(""),
  token: (id) => id === endOfText ? "<|endoftext|>" : id === 3 || id === 4 ? `<${id}>` : textOf(id),
};

function textOf(id: number): string {
  return id === 3 || id === 4 ? "\ufffd" : String.fromCodePoint(0x4e00 + id);
}
