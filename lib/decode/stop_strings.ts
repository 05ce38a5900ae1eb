import type { Tokenizer } from "../data/tokenizer.ts";
import { continuationText } from "./continuation_text.ts";
import { tokenText } from "./token_text.ts";

/**
 * Texts that end a continuation, as transformers' `stop_strings`: it ends with the token that completes one. As completions
 * servers do, the stop string and what follows it in that token are no part of the text. A special token that is
 * spelled like one, such as `<|im_end|>`, is a token that ends texts.
 */
export class StopStrings {
  /** Special tokens that end a text. */
  readonly ends: readonly number[];
  readonly #tokenizer: Tokenizer;
  readonly #texts: readonly string[];
  readonly #lastCharacters: readonly string[];

  /** @throws {RangeError} if one is empty. */
  constructor(tokenizer: Tokenizer, stop: readonly string[] = []) {
    if (stop.includes("")) {
      throw new RangeError("A stop string is empty, so it would end every text: leave it out.");
    }
    const special = stop.map((text) => specialToken(tokenizer, text));
    this.ends = special.filter((id) => id !== undefined);
    this.#tokenizer = tokenizer;
    this.#texts = stop.filter((_, i) => special[i] === undefined);
    this.#lastCharacters = this.#texts.map((text) => [...text].at(-1)!);
  }

  /** Whether the last of the tokens that follow a prompt completes a stop string. */
  isCompletedBy(prompt: readonly number[], ids: readonly number[]): boolean {
    if (this.#texts.length === 0 || !this.#canComplete(ids.at(-1)!)) return false;
    return this.#place(continuationText(this.#tokenizer, prompt, ids)) !== undefined;
  }

  /** A text up to the first stop string in it. */
  cut(text: string): string {
    return text.slice(0, this.#place(text));
  }

  /** How much of a text that goes on can be shown: its end may be the beginning of a stop string. */
  settledLength(text: string): number {
    const held = this.#texts.map((stop) => {
      let length = Math.min(stop.length - 1, text.length);
      while (!text.endsWith(stop.slice(0, length))) length--;
      return length;
    });
    return text.length - Math.max(0, ...held);
  }

  /** Where the first stop string is. */
  #place(text: string): number | undefined {
    const places = this.#texts.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
    return places.length === 0 ? undefined : Math.min(...places);
  }

  /** Whether a token has the last character of a stop string, or a part of a character: few have. */
  #canComplete(id: number): boolean {
    const text = tokenText(this.#tokenizer, id);
    return ["\ufffd", ...this.#lastCharacters].some((character) => text.includes(character));
  }
}

/** The special token that is spelled so. */
function specialToken(tokenizer: Tokenizer, text: string): number | undefined {
  const ids = tokenizer.encode(text);
  const [id] = ids;
  const isSpecial = ids.length === 1 && tokenizer.decode([id, id]) === tokenizer.decode([id]) &&
    tokenizer.token(id) === text;
  return isSpecial ? id : undefined;
}
