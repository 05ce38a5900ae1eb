import type { Example } from "./objective.ts";

/**
 * Texts that are read at once: of similar length, so that little padding is computed, and with at most so many tokens.
 *
 * @param most tokens of a batch, padding included; a longer text is a batch of its own.
 */
export function textBatches<Text extends Pick<Example, "ids">>(
  texts: readonly Text[],
  most: number,
): Text[][] {
  const sorted = texts.filter(({ ids }) => ids.length > 0)
    .sort((a, b) => a.ids.length - b.ids.length);
  const batches: Text[][] = [];
  for (const text of sorted) {
    const last = batches.at(-1);
    if (last && (last.length + 1) * text.ids.length <= most) last.push(text);
    else batches.push([text]);
  }
  return batches;
}
