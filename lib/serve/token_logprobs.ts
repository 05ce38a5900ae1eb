import type { RowChoice } from "../decode/running_rows.ts";
import { tokenText } from "../decode/token_text.ts";
import type { Tokenizer } from "../data/tokenizer.ts";

/** A token with its log-probability. */
export interface NamedLogprob {
  readonly id: number;
  /** What it adds to the text. */
  readonly text: string;
  readonly logprob: number;
}

/** A token that was taken, and the likeliest of those that could have been. */
export interface TokenLogprobs {
  readonly taken: NamedLogprob;
  readonly top: readonly NamedLogprob[];
}

/**
 * Log-probabilities of a step: of the guided distribution, equation (1), which is over the candidates alone; before
 * temperature and cuts.
 *
 * @param top how many of the likeliest.
 */
export function tokenLogprobs(
  { row: { settings: { topK } }, token, candidates, guided }: RowChoice,
  top: number,
  tokenizer: Tokenizer,
): TokenLogprobs {
  const logits = guided.subarray(0, topK);
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  const normalizer = largest + Math.log(sum);
  const named = (place: number): NamedLogprob => {
    const id = Number(candidates[place]);
    return { id, text: tokenText(tokenizer, id), logprob: logits[place] - normalizer };
  };
  const order = Array.from(logits, (_, place) => place).sort((a, b) =>
    logits[b] - logits[a] || a - b
  );
  return {
    taken: named(candidates.indexOf(BigInt(token))),
    top: order.slice(0, top).map(named),
  };
}
