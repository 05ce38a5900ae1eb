import type { Tokenizer } from "../data/tokenizer.ts";

/** Turns the tokens of a text into pieces of it as they come: a character of several tokens comes with the last of them. */
export class TextWriter {
  readonly #tokenizer: Tokenizer;
  readonly #ids: number[] = [];
  /** Characters that were given out. */
  #length = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** @returns what follows the pieces before; nothing while a character is not whole. */
  add(id: number): string {
    this.#ids.push(id);
    const rest = this.rest();
    // the first bytes of a character decode to U+FFFD until the others are there
    if (rest.endsWith("\ufffd")) return "";
    this.#length += rest.length;
    return rest;
  }

  /** What was not given out, at the text's end. */
  rest(): string {
    return this.#tokenizer.decode(this.#ids).slice(this.#length);
  }
}
