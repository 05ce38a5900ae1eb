import { multiply } from "../graph/dim.ts";
import { mul, reduceSum, reshape, slice } from "../graph/ops/mod.ts";
import { input } from "../graph/tensor.ts";
import { bradleyTerryLoss } from "../loss/bradley_terry.ts";
import { negativeLogLikelihood } from "../loss/language_modelling.ts";
import type { Backbone } from "../models/backbone.ts";
import { languageModelHead } from "../models/language_model_head.ts";
import { floats } from "../runtime/value.ts";
import type { Objective } from "../train/objective.ts";
import { pairFeeds, type PairReading, perPlace, readPairs, sidesOf } from "./pair_objective.ts";

const reading: PairReading = { rates: "next", ends: true };

/**
 * Training GenARM's autoregressive reward model (Xu et al., 2024, equation (7)): a language model π_r whose log-probabilities
 * are token rewards, so that the reward of an answer is their sum, its end among them:
 * −log σ(β_r Σ log π_r(chosen) − β_r Σ log π_r(rejected)). All of it trains.
 *
 * @param rewardScale β_r.
 */
export function genarmObjective(
  backbone: Backbone,
  { rewardScale }: { readonly rewardScale: number },
): Objective {
  return {
    shapes: backbone.shapes,
    frozen: new Set(),

    loss(parameters) {
      const { hidden, embeddingsOf } = readPairs(backbone, parameters);
      const nll = negativeLogLikelihood(
        languageModelHead(backbone, parameters, hidden),
        hidden,
        embeddingsOf("targets"),
      );
      const places = [multiply(2, "batch"), "time"];
      const answered = reshape(input("answered", "float32", [2, "batch", "time"]), places);
      const surprise = reshape(reduceSum(mul(reshape(nll, places), answered), [1]), [2, "batch"]);
      const [chosen, rejected] = [0, 1].map((side) =>
        mul(reshape(slice(surprise, 0, side, side + 1), ["batch"]), -rewardScale)
      );
      const loss = bradleyTerryLoss(chosen, rejected, input("weights", "float32", ["batch"]));
      return { loss, terms: { bradley_terry: loss } };
    },

    feeds(part) {
      const sides = sidesOf(backbone, part, reading);
      const { batch, time, texts } = sides;
      const isAnswer = (text: number, place: number) =>
        place >= texts[text].given && place < texts[text].tokens.length;
      return Promise.resolve({
        ...pairFeeds(backbone, sides, reading),
        answered: floats([2, batch, time], perPlace(sides, (...at) => isAnswer(...at) ? 1 : 0)),
        weights: floats([batch], new Float32Array(batch).fill(1 / part.rows)),
      });
    },

    // a prediction that prefers neither text of any pair
    constantLosses: () => Promise.resolve({ loss: Math.LN2 }),
  };
}
