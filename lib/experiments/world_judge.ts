import { perplexity, type World } from "../data/world/world.ts";
import { worldKind } from "../data/world/world_kind.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { SweepOptions } from "./sweep_options.ts";
import { type WorldJudgeOptions, worldJudgeOptions } from "./world_judge_options.ts";

/** Longest continuation; the world's texts have up to 24 words. */
const maxWords = 24;

/**
 * The small world as the judge of a sweep: it knows exactly how probable a text is and what it expresses.
 *
 * @returns the options of `sweep` that have to do with judging, and the length that texts of the world need.
 */
export function worldJudge(
  world: World,
  options: WorldJudgeOptions = {},
): Pick<SweepOptions, "measure" | "perplexity"> & { maxNewTokens: number } {
  checkArgument("worldJudge", "world", worldKind, world);
  const { attribute, control } = settle("worldJudge", worldJudgeOptions, options);
  return {
    maxNewTokens: maxWords,
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
