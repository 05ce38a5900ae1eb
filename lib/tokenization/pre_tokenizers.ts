import { byteText } from "./byte_characters.ts";
import { type JsonObject, objectsIn, textIn, unknownType } from "./json.ts";
import { patternOf, wordCharacters } from "./pattern.ts";

/** A piece of a text. */
export interface Piece {
  readonly text: string;
  /** Whether the text that was given begins here. */
  readonly first: boolean;
}

/** Splits pieces of a text into smaller ones, of which none is empty. */
export type PreTokenize = (pieces: readonly Piece[]) => readonly Piece[];

/** What becomes of the matches of a pattern that splits a text. */
export type Behavior =
  | "Removed"
  | "Isolated"
  | "Contiguous"
  | "MergedWithPrevious"
  | "MergedWithNext";

const punctuation = "[!-/:-@\\[-`{-~\\p{P}]";

/** GPT-2's split of text into words, each with the blank before it; merges do not cross words. */
export const byteLevelWords =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** A pre-tokenizer of `tokenizer.json`. @throws {Error} if it is not known. */
export function preTokenizerOf(json: JsonObject): PreTokenize {
  switch (json.type) {
    case "Sequence": {
      const all = objectsIn(json.pretokenizers, "pretokenizers").map(preTokenizerOf);
      return (pieces) => all.reduce((split, preTokenize) => preTokenize(split), pieces);
    }
    case "ByteLevel":
      return byteLevel(json);
    case "Split":
      return splitting(patternOf(json.pattern), behaviorOf(json.behavior), json.invert === true);
    case "Whitespace":
      return splitting(
        new RegExp(`[${wordCharacters}]+|[^${wordCharacters}\\p{White_Space}]+`, "gu"),
        "Removed",
        true,
      );
    case "WhitespaceSplit":
      return splitting(/\p{White_Space}/gu, "Removed");
    case "BertPreTokenizer": {
      const words = splitting(/\p{White_Space}/gu, "Removed");
      const signs = splitting(new RegExp(punctuation, "gu"), "Isolated");
      return (pieces) => signs(words(pieces));
    }
    case "Punctuation":
      return splitting(new RegExp(punctuation, "gu"), behaviorOf(json.behavior ?? "Isolated"));
    case "Digits":
      return splitting(/\p{N}/gu, json.individual_digits ? "Isolated" : "Contiguous");
    case "CharDelimiterSplit":
      return splitting(patternOf({ String: textIn(json.delimiter, "delimiter") }), "Removed");
    case "Metaspace":
      return metaspace(json);
    default:
      return unknownType("pre-tokenizer", json);
  }
}

function behaviorOf(behavior: unknown): Behavior {
  const known = ["Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"];
  if (!known.includes(behavior as string)) {
    throw new Error(`the behavior ${JSON.stringify(behavior)} is not supported`);
  }
  return behavior as Behavior;
}

/** Splits pieces where a pattern matches, or where it does not if `inverted`. */
function splitting(pattern: RegExp, behavior: Behavior, inverted = false): PreTokenize {
  return (pieces) => {
    const split: Piece[] = [];
    for (const { text, first } of pieces) {
      for (const [from, to] of spans(text, pattern, behavior, inverted)) {
        if (to > from) split.push({ text: text.slice(from, to), first: first && from === 0 });
      }
    }
    return split;
  };
}

/** Where the pieces of a text begin and end, as `NormalizedString::split` of Hugging Face's tokenizers has them. */
function spans(
  text: string,
  pattern: RegExp,
  behavior: Behavior,
  inverted: boolean,
): [from: number, to: number][] {
  const found: { from: number; to: number; isMatch: boolean }[] = [];
  let end = 0;
  for (const { 0: { length }, index } of text.matchAll(pattern)) {
    if (index > end) found.push({ from: end, to: index, isMatch: inverted });
    found.push({ from: index, to: index + length, isMatch: !inverted });
    end = index + length;
  }
  if (end < text.length) found.push({ from: end, to: text.length, isMatch: inverted });
  const kept = behavior === "Removed" ? found.filter(({ isMatch }) => !isMatch) : found;
  if (behavior === "Removed" || behavior === "Isolated") {
    return kept.map(({ from, to }) => [from, to]);
  }
  const merged: [number, number][] = [];
  const backwards = behavior === "MergedWithNext";
  let before = false;
  for (const { from, to, isMatch } of backwards ? found.reverse() : found) {
    const joins = behavior === "Contiguous" ? isMatch === before : isMatch && !before;
    const last = merged.at(-1);
    if (joins && last) last[backwards ? 0 : 1] = backwards ? from : to;
    else merged.push([from, to]);
    before = isMatch;
  }
  return backwards ? merged.reverse() : merged;
}

function byteLevel(json: JsonObject): PreTokenize {
  const prefixed = json.add_prefix_space ?? true;
  const splits = json.use_regex ?? true;
  return (pieces) => {
    const split: Piece[] = [];
    for (const { text, first } of pieces) {
      const whole = prefixed && !text.startsWith(" ") ? ` ${text}` : text;
      const words = splits ? whole.match(byteLevelWords) ?? [] : [whole];
      words.forEach((word, i) => split.push({ text: byteText(word), first: first && i === 0 }));
    }
    return split;
  };
}

function metaspace(json: JsonObject): PreTokenize {
  const blank = textIn(json.replacement, "replacement");
  const scheme = json.prepend_scheme ?? (json.add_prefix_space === false ? "never" : "always");
  if (!["always", "first", "never"].includes(scheme as string)) {
    throw new Error(`the prepend_scheme ${JSON.stringify(scheme)} is not supported`);
  }
  const words = splitting(patternOf({ String: blank }), "MergedWithNext");
  const prepended = (pieces: readonly Piece[]) =>
    pieces.map(({ text, first }) => {
      const blanks = text.replaceAll(" ", blank);
      const adds = !blanks.startsWith(blank) &&
        (scheme === "always" || (scheme === "first" && first));
      return { text: adds ? blank + blanks : blanks, first };
    });
  return json.split ?? true ? (pieces) => words(prepended(pieces)) : prepended;
}
