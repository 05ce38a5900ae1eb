/**
 * The lower-cased words and punctuation marks of an English text.
 *
 * Raw text and text in Penn Treebank tokenization (as SST-2 is) give the same words: contractions
 * are split ("don't" and "do n't" to "do", "n't"; "it's" to "it", "'s"), so are hyphenated words,
 * dots and dashes that follow each other are one mark, and the signs "-lrb-", "-rrb-", "``" and
 * "''" are read as the brackets and quotation marks they stand for.
 */
export function words(text: string): string[] {
  return text.toLowerCase()
    .replace(/[‘’]/g, "'")
    .replace(/[“”]|``|''/g, '"')
    .replace(/-lrb-/g, "(")
    .replace(/-rrb-/g, ")")
    .replace(/(?<=[\p{L}\p{N}])-(?=[\p{L}\p{N}])/gu, " ")
    .replace(/\bcannot\b/g, "can not")
    .replace(/(?<=\p{L})n't(?!\p{L})/gu, " n't")
    .match(WORD) ?? [];
}

const WORD = new RegExp(
  [
    String.raw`n't(?![\p{L}\p{N}])`,
    String.raw`'(?:s|re|ve|ll|d|m)(?![\p{L}\p{N}])`,
    String.raw`[\p{L}\p{N}]+(?:[.,&][\p{L}\p{N}]+)*`,
    String.raw`\.{2,}`,
    String.raw`-{2,}`,
    String.raw`[^\s\p{L}\p{N}]`,
  ].join("|"),
  "gu",
);
