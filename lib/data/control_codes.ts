import type { Tokenizer } from "./tokenizer.ts";

/**
 * The tokens that stand for words as control codes: their first ones. They are tokens that the tokenizer has, so that a model
 * with codes keeps its vocabulary.
 *
 * @throws {RangeError} if two words begin with the same token, or one has none.
 */
export function controlCodes(tokenizer: Tokenizer, words: readonly string[]): number[] {
  const codes = words.map((word) => tokenizer.encode(word)[0]);
  if (codes.includes(undefined as never) || new Set(codes).size < words.length) {
    const named = words.map((word) => `'${word}'`);
    throw new RangeError(
      `The control codes ${named.slice(0, -1).join(", ")} and ${
        named.at(-1)
      } do not begin with different tokens: ` +
        "choose other words",
    );
  }
  return codes;
}
