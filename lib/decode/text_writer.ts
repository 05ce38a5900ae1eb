import type { Tokenizer } from "../data/tokenizer.ts";
import { continuationText } from "./continuation_text.ts";

/** Turns the tokens of a text into pieces of it as they come: a character of several tokens comes with the last of them. */
export class TextWriter {
  readonly #tokenizer: Tokenizer;
  readonly #prompt: readonly number[];
  /** A token that makes nothing of bytes which are not yet followed by a token of text. */
  readonly #noByte: number | undefined;
  readonly #ids: number[] = [];
  /** Characters that were given out. */
  #length = 0;

  /** @param prompt the tokens that the text follows. */
  constructor(tokenizer: Tokenizer, prompt: readonly number[]) {
    this.#tokenizer = tokenizer;
    this.#prompt = prompt;
    this.#noByte = noByteOf(tokenizer);
  }

  /** @returns what follows the pieces before; nothing while a character is not whole. */
  add(id: number): string {
    this.#ids.push(id);
    const text = this.#text(this.#ids);
    // the first bytes of a character decode to U+FFFD until the others are there
    if (text.endsWith("\ufffd")) return "";
    const settled = this.#noByte === undefined
      ? text.length
      : commonLength(text, this.#text([...this.#ids, this.#noByte]));
    const piece = text.slice(this.#length, settled);
    this.#length += piece.length;
    return piece;
  }

  /** What was not given out, at the text's end. */
  rest(): string {
    return this.#text(this.#ids).slice(this.#length);
  }

  #text(ids: readonly number[]): string {
    return continuationText(this.#tokenizer, this.#prompt, ids);
  }
}

const known = new WeakMap<Tokenizer, number | undefined>();

/**
 * The token `<0xFF>`, a byte that is in no character. Where tokenizers fall back to bytes, a run of them decodes to
 * U+FFFD altogether if it is not whole characters, so one of them takes back what came before.
 */
function noByteOf(tokenizer: Tokenizer): number | undefined {
  if (!known.has(tokenizer)) {
    let found: number | undefined;
    for (let id = 0; id < tokenizer.vocabSize && found === undefined; id++) {
      if (spelling(tokenizer, id) === "<0xFF>") found = id;
    }
    known.set(tokenizer, found);
  }
  return known.get(tokenizer);
}

function spelling(tokenizer: Tokenizer, id: number): string | undefined {
  try {
    return tokenizer.token(id);
  } catch {
    return undefined;
  }
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
