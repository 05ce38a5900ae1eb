import type { Tokenizer } from "./tokenizer.ts";

/** Two words that stand for the control codes of texts with a label and without it, as an option. */
export const codeWords = {
  type: "list",
  of: { type: "text" },
  length: 2,
  default: ["true", "false"],
  placeholder: "word",
} as const;

/**
 * The tokens that stand for words as control codes: their first ones. They are tokens that the tokenizer has, so that a model
 * with codes keeps its vocabulary.
 *
 * @param place which token of a word it is: for digits the last, as tokenizers of SentencePiece's kind may put a blank before them.
 * @throws {RangeError} if two words have the same token there, or one has none.
 */
export function controlCodes(
  tokenizer: Tokenizer,
  words: readonly string[],
  place: 0 | -1 = 0,
): number[] {
  const codes = words.map((word) => tokenizer.encode(word).at(place));
  const found = codes.filter((code) => code !== undefined);
  if (new Set(found).size < words.length) {
    const named = words.map((word) => `'${word}'`);
    throw new RangeError(
      `The control codes ${named.slice(0, -1).join(", ")} and ${named.at(-1)} do not ${
        place === 0 ? "begin" : "end"
      } with different tokens: ` +
        "choose other words",
    );
  }
  return found;
}
