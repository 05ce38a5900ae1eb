import type { Tokenizer } from "../data/tokenizer.ts";
import type { Continuation, LikelihoodJudge } from "./likelihood.ts";

/** A text whose end is judged. */
export interface ContinuedText {
  readonly prompt: string;
  readonly continuation: string;
}

/**
 * Negative log-likelihoods of continuations in nats, under a judge whose tokens may be others than those that the texts were written
 * in. With N(x) the judge's negative log-likelihood of a text by its own tokens, it is
 *
 *     N(prompt + continuation) − N(prompt),
 *
 * which is one number whatever tokens the seam falls into; of what both begin with nothing has to be computed.
 *
 * @param tokenizer the judge's.
 * @throws {RangeError} if a text is longer than the judge's context.
 */
export async function textLikelihoods(
  judge: LikelihoodJudge,
  tokenizer: Tokenizer,
  texts: readonly ContinuedText[],
): Promise<Float64Array> {
  const prompts = new Map<string, readonly number[]>();
  const idsOf = (prompt: string) => {
    const ids = prompts.get(prompt) ?? tokenizer.encode(prompt);
    prompts.set(prompt, ids);
    return ids;
  };
  const pairs = texts.flatMap(({ prompt, continuation }): [Continuation, Continuation] => {
    const [before, whole] = [idsOf(prompt), tokenizer.encode(prompt + continuation)];
    const differs = before.findIndex((id, i) => id !== whole[i]);
    const seam = differs < 0 ? before.length : differs;
    const shared = whole.slice(0, seam);
    return [
      { prompt: shared, ids: whole.slice(seam) },
      { prompt: shared, ids: before.slice(seam) },
    ];
  });
  const nats = await judge.negativeLogLikelihoods(pairs);
  return Float64Array.from(texts, (_, i) => nats[2 * i] - nats[2 * i + 1]);
}

/** How many words a text has, between white space: what fluency is counted by where tokens differ. */
export function countWords(text: string): number {
  return text.split(/\s+/u).filter((word) => word !== "").length;
}
