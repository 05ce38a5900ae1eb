import type { Tokenizer } from "../data/tokenizer.ts";

const known = new WeakMap<Tokenizer, Map<number, string>>();

/**
 * What a token adds to a text that goes on, its leading blank included. A token that is a part of a character gives
 * U+FFFD, one that adds nothing, such as the end of text, its spelling, and one that the tokenizer does not have, as
 * where a model's vocabulary is rounded up, its id in angle brackets.
 */
export function tokenText(tokenizer: Tokenizer, id: number): string {
  const texts = known.get(tokenizer) ?? new Map<number, string>();
  known.set(tokenizer, texts);
  const text = texts.get(id) ?? textOf(tokenizer, id);
  texts.set(id, text);
  return text;
}

function textOf(tokenizer: Tokenizer, id: number): string {
  try {
    // SentencePiece drops the blank before a first word, so the token follows another: itself
    const added = tokenizer.decode([id, id]).slice(tokenizer.decode([id]).length);
    return added === "" ? tokenizer.token(id) : added;
  } catch (error) {
    if (error instanceof RangeError) return `<${id}>`;
    throw error;
  }
}
