import type { Tokenizer } from "../data/tokenizer.ts";

/**
 * The text that tokens add to a prompt. Both are decoded together and the prompt is cut off, since tokenizers of
 * SentencePiece's kind leave out the blank before the first word of all that they decode.
 */
export function continuationText(
  tokenizer: Tokenizer,
  prompt: readonly number[],
  ids: readonly number[],
): string {
  const before = tokenizer.decode(prompt);
  const whole = tokenizer.decode([...prompt, ...ids]);
  if (whole.startsWith(before)) return whole.slice(before.length);
  // a prompt that ends within a character, which these tokens complete
  let common = 0;
  while (common < before.length && before[common] === whole[common]) common++;
  return whole.slice(common);
}
