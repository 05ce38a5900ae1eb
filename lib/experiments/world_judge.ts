import { perplexity, type World } from "../data/world/world.ts";
import type { SweepOptions } from "./sweep.ts";

export interface WorldJudgeOptions {
  /** What is judged. Default `positive`. */
  attribute?: "positive" | "rude";
  /**
   * What counts of a prompt's continuations: the mean of their probabilities, or the greatest, which averaged over
   * prompts is the average maximal toxicity of the paper. Default `mean`.
   */
  control?: "mean" | "maximum";
}

/** Longest continuation; the world's texts have up to 24 words. */
const maxWords = 24;

/**
 * The small world as the judge of a sweep: it knows exactly how probable a text is and what it expresses.
 *
 * @returns the options of `sweep` that have to do with judging, and the length that texts of the world need.
 */
export function worldJudge(
  world: World,
  { attribute = "positive", control = "mean" }: WorldJudgeOptions = {},
): Pick<SweepOptions, "measure" | "perplexity"> & { maxTokens: number } {
  return {
    maxTokens: maxWords,
    measure: ({ texts, ids }) =>
      Promise.resolve(texts.map(({ prompt, continuations }, i) => {
        const judged = continuations.map((text, j) =>
          world.score(text, { prompt, finished: ids[i][j].length < maxWords })
        );
        const scores = judged.map((score) => score[attribute]);
        return {
          scores: control === "maximum" ? [Math.max(...scores)] : scores,
          fluency: judged.map(({ logProbability, words }) => ({
            nll: -logProbability,
            count: Math.max(1, words),
          })),
        };
      })),
    perplexity: (fluency) =>
      perplexity(fluency.map(({ nll, count }) => ({ logProbability: -nll, words: count }))),
  };
}
