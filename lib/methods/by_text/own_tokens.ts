import type { Tokenizer } from "../../data/tokenizer.ts";
import type { RetokenizeRule } from "./by_text_options.ts";
import { TokenizedText } from "./tokenized_text.ts";
import { TokenBytes, WrittenText } from "./written_text.ts";

/** A text that a base model's tokens write, as a reward model's own tokens. */
export interface OwnTokens {
  /** Tokens that stay, whatever follows. */
  readonly settled: readonly number[];
  /** Tokens behind those. */
  readonly open: readonly number[];
  /** The text with one more token of the base model. */
  with(id: number): OwnTokens;
  /** The same text, with as many of its tokens settled as can be. */
  settle(): OwnTokens;
}

/** Makes prompts, tokens of the base model, into a reward model's own tokens. */
export function ownTokensBy(
  rule: RetokenizeRule,
  base: Tokenizer,
  own: Tokenizer,
): (prompt: readonly number[]) => OwnTokens {
  const bytes = new TokenBytes(base);
  return rule === "text"
    ? (prompt) => WholeText.of(own, bytes, prompt)
    : (prompt) => new OneByOne(base, own, own.encode(base.decode(prompt)), []);
}

/** The whole text is what is made into tokens, with each candidate behind it. */
class WholeText implements OwnTokens {
  readonly #written: WrittenText;
  readonly #tokenized: TokenizedText;

  constructor(written: WrittenText, tokenized: TokenizedText) {
    this.#written = written;
    this.#tokenized = tokenized;
  }

  static of(own: Tokenizer, bytes: TokenBytes, prompt: readonly number[]): WholeText {
    let written = WrittenText.begin(bytes);
    const parts = prompt.map((id) => {
      const { added, text } = written.with(id);
      written = text;
      return added;
    });
    return new WholeText(written, TokenizedText.of(own, parts.join("")));
  }

  get settled(): readonly number[] {
    return this.#tokenized.settled;
  }

  get open(): readonly number[] {
    return this.#tokenized.open;
  }

  with(id: number): WholeText {
    const { added, text } = this.#written.with(id);
    return new WholeText(text, this.#tokenized.with(added));
  }

  settle(): WholeText {
    return new WholeText(this.#written, this.#tokenized.settle());
  }
}

/**
 * RAD's fast rule, as published: each candidate is decoded and made into tokens by itself, and these stay. A blank that
 * decoding drops is lost, words glue together, and a part of a character is U+FFFD.
 */
class OneByOne implements OwnTokens {
  readonly settled: readonly number[];
  readonly open: readonly number[];
  readonly #base: Tokenizer;
  readonly #own: Tokenizer;

  constructor(
    base: Tokenizer,
    own: Tokenizer,
    settled: readonly number[],
    open: readonly number[],
  ) {
    this.#base = base;
    this.#own = own;
    this.settled = settled;
    this.open = open;
  }

  with(id: number): OneByOne {
    const more = this.#own.encode(this.#base.decode([id]));
    return new OneByOne(this.#base, this.#own, this.settled, [...this.open, ...more]);
  }

  settle(): OneByOne {
    return new OneByOne(this.#base, this.#own, [...this.settled, ...this.open], []);
  }
}
