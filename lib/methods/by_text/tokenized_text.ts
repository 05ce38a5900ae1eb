import type { Tokenizer } from "../../data/tokenizer.ts";

/**
 * A text that grows, as tokens. Those before its last word are settled: whatever is added behind does not change them, so
 * only the rest is made into tokens again. Where a tokenizer is not known to cut before blanks, the rest is all of it.
 */
export class TokenizedText {
  /** Tokens that stay. */
  readonly settled: readonly number[];
  /** Tokens behind those, which can change with what is added. */
  readonly open: readonly number[];
  readonly #tokenizer: Tokenizer;
  /** What the open tokens are made of, and whether anything stands before it. */
  readonly #rest: { readonly text: string; readonly follows: boolean };

  private constructor(
    tokenizer: Tokenizer,
    settled: readonly number[],
    rest: { readonly text: string; readonly follows: boolean },
    open: readonly number[],
  ) {
    this.#tokenizer = tokenizer;
    this.settled = settled;
    this.#rest = rest;
    this.open = open;
  }

  static of(tokenizer: Tokenizer, text: string): TokenizedText {
    const rest = { text, follows: false };
    return new TokenizedText(tokenizer, [], rest, tokenizer.encode(text)).settle();
  }

  /** The text with more behind it. */
  with(added: string): TokenizedText {
    if (added === "") return this;
    const { follows } = this.#rest;
    const text = this.#rest.text + added;
    const open = follows ? tokensBehind(this.#tokenizer, text) : this.#tokenizer.encode(text);
    return new TokenizedText(this.#tokenizer, this.settled, { text, follows }, open);
  }

  /** The same text with as many of its tokens settled as can be. */
  settle(): TokenizedText {
    const cut = this.#tokenizer.cutsBeforeBlanks ? lastCut(this.#rest.text) : 0;
    if (cut === 0) return this;
    const text = this.#rest.text.slice(cut);
    const open = tokensBehind(this.#tokenizer, text);
    const settled = [...this.settled, ...this.open.slice(0, this.open.length - open.length)];
    return new TokenizedText(this.#tokenizer, settled, { text, follows: true }, open);
  }
}

/** Stands for what is before a cut, so that a tokenizer does nothing that it does at the beginning of a text. */
const letter = "a";

/** How many tokens that is. */
const lettersTokens = new WeakMap<Tokenizer, number>();

/** The tokens of a text that begins with a blank, behind another that ends in a letter. */
function tokensBehind(tokenizer: Tokenizer, text: string): number[] {
  const known = lettersTokens.get(tokenizer);
  const before = known ?? tokenizer.encode(letter).length;
  if (known === undefined) lettersTokens.set(tokenizer, before);
  return tokenizer.encode(letter + text).slice(before);
}

/** Where a text can be cut the last time: before a blank that follows a letter. 0 if nowhere. */
function lastCut(text: string): number {
  for (let at = text.length - 1; at > 0; at--) {
    if (text[at] === " " && isLetter(characterBefore(text, at))) return at;
  }
  return 0;
}

/** Normalization could make something else of a few letters, which are passed over. */
function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character) && character.normalize("NFKC") === character;
}

function characterBefore(text: string, at: number): string {
  const isLow = (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00;
  return text.slice(Math.max(0, at - (isLow ? 2 : 1)), at);
}
