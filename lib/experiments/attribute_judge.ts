import type { LikelihoodJudge } from "../eval/likelihood.ts";
import type { Scorer } from "../eval/scorers/scorer.ts";
import type { SweepOptions } from "./sweep_options.ts";

/**
 * The judge of a sweep: a scorer of one label that reads continuations, and a language model that says how fluent they are.
 *
 * @returns the options of `sweep` that have to do with judging; the perplexity is one a token.
 */
export function attributeJudge(
  scorer: Scorer,
  fluency: LikelihoodJudge,
): Pick<SweepOptions, "measure" | "perplexity"> {
  return {
    async measure({ texts, ids, promptIds }) {
      const scores = await scorer.score(texts.flatMap(({ continuations }) => continuations));
      const nats = await fluency.negativeLogLikelihoods(
        ids.flatMap((samples, i) => samples.map((ids) => ({ prompt: promptIds[i], ids }))),
      );
      let at = 0;
      return ids.map((samples) => {
        const first = at;
        at += samples.length;
        return {
          scores: samples.map((_, i) => scores[first + i]),
          fluency: samples.map(({ length }, i) => ({ nll: nats[first + i], count: length })),
        };
      });
    },
    perplexity(fluency) {
      const sum = (of: "nll" | "count") => fluency.reduce((sum, each) => sum + each[of], 0);
      return Math.exp(sum("nll") / sum("count"));
    },
  };
}
