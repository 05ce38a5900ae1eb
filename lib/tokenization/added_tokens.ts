import { type Normalize } from "./normalizers.ts";
import { trimEnd, trimStart, wordCharacters } from "./pattern.ts";
import type { Piece } from "./pre_tokenizers.ts";

/** A token that is found in the text before anything else is done with it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Whether it has to be a word by itself. */
  readonly single_word: boolean;
  /** Whether it takes the white space before it. */
  readonly lstrip: boolean;
  /** Whether it takes the white space after it. */
  readonly rstrip: boolean;
  /** Whether it is looked for in the normalized text. */
  readonly normalized: boolean;
  /** Whether it is left out of decoded text. */
  readonly special: boolean;
}

/** A piece of a text that is still to be split, or the id of an added token. */
export type Section = Piece | number;

const beginsWord = new RegExp(`^[${wordCharacters}]`, "u");
const endsWord = new RegExp(`[${wordCharacters}]$`, "u");

/** Finds added tokens in texts, those of the raw text first, then those of the normalized text. */
export class AddedTokens {
  readonly #normalize: Normalize;
  readonly #raw: Finder | undefined;
  readonly #normal: Finder | undefined;

  constructor(tokens: readonly AddedToken[], normalize: Normalize) {
    this.#normalize = normalize;
    const known = tokens.filter(({ content }) => content !== "");
    this.#raw = finder(known.filter(({ normalized }) => !normalized), ({ content }) => content);
    this.#normal = finder(
      known.filter(({ normalized }) => normalized),
      ({ content }) => normalize(content),
    );
  }

  /** The sections of a text, normalized, of which none is empty. */
  split(text: string): Section[] {
    const raw = this.#raw?.split({ text, first: true }) ?? [{ text, first: true }];
    return raw.flatMap((section) => {
      if (typeof section === "number") return [section];
      const normal = { text: this.#normalize(section.text), first: section.first };
      return this.#normal?.split(normal) ?? (normal.text === "" ? [] : [normal]);
    });
  }
}

function finder(
  tokens: readonly AddedToken[],
  spelling: (token: AddedToken) => string,
): Finder | undefined {
  const spelled = new Map<string, AddedToken>();
  for (const token of tokens) {
    const content = spelling(token);
    if (content !== "" && !spelled.has(content)) spelled.set(content, token);
  }
  return spelled.size === 0 ? undefined : new Finder(spelled);
}

/** Finds the longest of some spellings, from left to right. */
class Finder {
  readonly #tokens: ReadonlyMap<string, AddedToken>;
  readonly #pattern: RegExp;

  constructor(tokens: ReadonlyMap<string, AddedToken>) {
    this.#tokens = tokens;
    const longestFirst = [...tokens.keys()].sort((a, b) => b.length - a.length);
    const literal = (content: string) => content.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    this.#pattern = new RegExp(longestFirst.map(literal).join("|"), "gu");
  }

  split({ text, first }: Piece): Section[] {
    const sections: Section[] = [];
    const push = (from: number, to: number) => {
      if (to > from) sections.push({ text: text.slice(from, to), first: first && from === 0 });
    };
    let end = 0;
    for (const { 0: content, index } of text.matchAll(this.#pattern)) {
      const token = this.#tokens.get(content)!;
      const before = text.slice(0, index);
      const after = text.slice(index + content.length);
      if (token.single_word && (endsWord.test(before) || beginsWord.test(after))) continue;
      const from = token.lstrip ? Math.max(trimEnd(before).length, end) : index;
      const to = token.rstrip ? text.length - trimStart(after).length : index + content.length;
      push(end, from);
      // a token before it can have taken all of it
      if (to > from) sections.push(token.id);
      end = to;
    }
    push(end, text.length);
    return sections;
  }
}
