import { isObject, type JsonObject, objectsIn } from "./json.ts";

/**
 * Whether a text may be cut before a blank that follows a letter, and its halves be made tokens of by themselves. Then
 * the tokens before such a blank are the same whatever follows it, and those from it on whatever stands before.
 *
 * It is known from what a `tokenizer.json` says, step by step:
 *
 * - Added tokens: none has a letter with a blank behind it, and none looks at what follows it.
 * - Normalizers: those that work on characters, and NFC and NFKC, whose compositions no blank takes part in.
 * - Pieces: a pre-tokenizer that always splits there (GPT-2's words, Metaspace, and patterns made of `alternatives`); the
 *   model never sees both halves. Or the model is given the whole text, and has no merge whose token holds a letter, or
 *   anything else than a blank, with a blank behind it: byte pairs that no merge crosses are merged as if they stood alone.
 *
 * Whatever is not known here is false: such texts are made tokens of as a whole.
 */
export function cutsBeforeBlanks(json: JsonObject): boolean {
  return cutsAround(json.added_tokens) && cutsNormalized(json.normalizer) &&
    (splits(json.pre_tokenizer) || isWhole(json.pre_tokenizer) && mergesApart(json.model));
}

/** The blank of SentencePiece. */
const mark = "▁";

function cutsAround(added: unknown): boolean {
  return objectsIn(added ?? [], "added_tokens").every(({ content, rstrip, single_word }) =>
    !rstrip && !single_word && !/\p{L}[ ▁]/u.test(`${content}`)
  );
}

function cutsNormalized(json: unknown): boolean {
  if (!isObject(json)) return true;
  switch (json.type) {
    case "Sequence":
      return objectsIn(json.normalizers, "normalizers").every(cutsNormalized);
    case "NFC":
    case "NFKC":
    case "Prepend":
      return true;
    case "Replace":
      return isObject(json.pattern) && json.pattern.String === " " && json.content === mark;
    default:
      return false;
  }
}

/** Whether every text is split before a blank that follows a letter. */
function splits(json: unknown): boolean {
  if (!isObject(json)) return false;
  switch (json.type) {
    case "Sequence": {
      // numbers may be set apart before, and bytes be spelled as characters after
      const others = objectsIn(json.pretokenizers, "pretokenizers").filter((part) =>
        part.type !== "Digits" && !(part.type === "ByteLevel" && part.use_regex === false)
      );
      return others.length === 1 && splits(others[0]);
    }
    case "ByteLevel":
      return json.use_regex !== false;
    case "Metaspace":
      return json.split !== false && json.replacement === mark;
    case "Split":
      return json.behavior === "Isolated" && json.invert !== true && isObject(json.pattern) &&
        splitsBeforeBlanks(json.pattern.Regex);
    default:
      return false;
  }
}

/** Whether the model is given the whole text in one piece, with `▁` for blanks. */
function isWhole(json: unknown): boolean {
  if (!isObject(json)) return true;
  // Gemma's: there is no blank left to split at
  if (json.type === "Split") return isObject(json.pattern) && json.pattern.String === " ";
  return json.type === "Metaspace" && json.split === false && json.replacement === mark;
}

function mergesApart(json: unknown): boolean {
  if (!isObject(json) || !isObject(json.vocab) || !Array.isArray(json.merges)) return false;
  if (json.ignore_merges === true || json.continuing_subword_prefix || json.end_of_word_suffix) {
    return false;
  }
  const isApart = (merge: unknown): boolean => {
    const [left, right] = Array.isArray(merge) ? merge : `${merge}`.split(" ");
    return !crosses.test(`${left}${right}`);
  };
  // a blank that is not known could be one unknown token together with what stands before it
  return mark in json.vocab && json.merges.every(isApart);
}

const crosses = /[^▁]▁/u;

/**
 * Whether a regular expression, applied again and again, always begins anew at a blank that follows a letter: all it offers
 * is known, and some of it begins with whatever blank there is.
 */
function splitsBeforeBlanks(pattern: unknown): boolean {
  if (typeof pattern !== "string") return false;
  const offered = alternativesOf(pattern);
  return offered.includes("\\s+") && offered.every((alternative) => alternatives.has(alternative));
}

const contractions = "'s|'t|'re|'ve|'m|'ll|'d";

/**
 * What patterns of byte-level tokenizers are made of. Nothing that begins to match any of these holds a letter with a
 * blank behind it, and none looks further than one character behind its end or at what is before it: so the matches
 * before such a blank do not depend on what follows it, nor those from it on what is before.
 */
const alternatives: ReadonlySet<string> = new Set([
  ...contractions.split("|"),
  `(?i:${contractions})`,
  " ?\\p{L}+",
  "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+",
  `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:${contractions})?`,
  `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:${contractions})?`,
  "\\p{N}",
  "\\p{N}{1,3}",
  "\\p{N}+",
  " ?\\p{N}+",
  " ?[^\\s\\p{L}\\p{N}]+",
  " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*",
  " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*",
  "\\s*[\\r\\n]+",
  "\\s*[\\r\\n]",
  "\\s+(?!\\S)",
  "\\s+",
]);

/** What a regular expression offers, in its order: its parts between the `|` outside of brackets. */
function alternativesOf(pattern: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const [sign] of pattern.matchAll(/\\[\s\S]|[\s\S]/g)) {
    if (sign === "(" || sign === "[") depth++;
    else if (sign === ")" || sign === "]") depth--;
    if (sign === "|" && depth === 0) parts.push("");
    else parts[parts.length - 1] += sign;
  }
  return parts;
}
