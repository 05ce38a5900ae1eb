import type { Tokenizer } from "../../data/tokenizer.ts";

/**
 * Where a text that tokens write has got to. It is bytes: a token may end within a character, whose bytes are then held
 * back until those that complete it, so that nothing else is ever made of a character than itself.
 */
export class WrittenText {
  readonly #tokens: TokenBytes;
  /** Whether a token of text was written. */
  readonly #begun: boolean;
  /** The first bytes of a character that is not complete. */
  readonly #pending: Uint8Array;

  private constructor(tokens: TokenBytes, begun: boolean, pending: Uint8Array) {
    this.#tokens = tokens;
    this.#begun = begun;
    this.#pending = pending;
  }

  /** A text of which nothing was written. */
  static begin(tokens: TokenBytes): WrittenText {
    return new WrittenText(tokens, false, none);
  }

  /**
   * Writes one more token.
   *
   * @returns the characters that it adds, which begin with one that it completes. Bytes that cannot become a character
   *   any more are U+FFFD; a special token, or an id that no token has, adds nothing.
   */
  with(id: number): { added: string; text: WrittenText } {
    const written = this.#tokens.of(id, !this.#begun);
    const bytes = this.#pending.length === 0
      ? written
      : Uint8Array.of(...this.#pending, ...written);
    const whole = bytes.length - incompleteBytes(bytes);
    const begun = this.#begun || this.#tokens.writes(id);
    return {
      added: utf8.decode(bytes.subarray(0, whole)),
      text: new WrittenText(this.#tokens, begun, bytes.subarray(whole)),
    };
  }
}

const none = new Uint8Array();
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** How many bytes at the end begin a character that is not complete. */
function incompleteBytes(bytes: Uint8Array): number {
  const { length } = bytes;
  if (length === 0 || bytes[length - 1] < 0x80) return 0;
  for (let count = Math.min(3, length); count > 0; count--) {
    // a decoder that waits for more gives nothing yet
    const waiting = new TextDecoder("utf-8", { ignoreBOM: true });
    if (waiting.decode(bytes.subarray(length - count), { stream: true }) === "") return count;
  }
  return 0;
}

/** The bytes that the tokens of a tokenizer write, each looked up once. */
export class TokenBytes {
  readonly #tokenizer: Tokenizer;
  readonly #known = new Map<number, { later: Uint8Array; first: Uint8Array }>();

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /**
   * What a token writes, behind others or as the first of a text, where SentencePiece's tokenizers drop a blank. Special
   * tokens write nothing.
   */
  of(id: number, isFirst: boolean): Uint8Array {
    const { first, later } = this.#entry(id);
    return isFirst ? first : later;
  }

  /** Whether a token writes anything. */
  writes(id: number): boolean {
    return this.#entry(id).later.length > 0;
  }

  #entry(id: number): { later: Uint8Array; first: Uint8Array } {
    const known = this.#known.get(id);
    if (known) return known;
    const alone = this.#tokenizer.decode([id]);
    const twice = this.#tokenizer.decode([id, id]);
    const added = twice.slice(alone.length);
    const later = twice === ""
      ? none
      : this.#tokenizer.bytes?.(id) ?? new TextEncoder().encode(added);
    const dropsBlank = later[0] === 0x20 && !alone.startsWith(" ");
    const entry = { later, first: dropsBlank ? later.subarray(1) : later };
    this.#known.set(id, entry);
    return entry;
  }
}
