import { reshape } from "../graph/ops/mod.ts";
import { input } from "../graph/tensor.ts";
import { regularizerLoss } from "../loss/regularizer.ts";
import type { Backbone } from "../models/backbone.ts";
import { floats, integers } from "../runtime/value.ts";
import { table } from "../train/objective.ts";
import type { RateOne } from "./next_token_objective.ts";
import { type FurtherLoss, perPlace } from "./pair_objective.ts";

/**
 * The regularizer (5) on pairs: the squared marginal of one token a place that is drawn from the whole vocabulary, at the
 * places of both answers, every text alike.
 *
 * @param marginal of one label.
 */
export function pairRegularizer(
  { vocabulary }: Backbone,
  coefficient: number,
  marginal: RateOne,
): FurtherLoss {
  return {
    name: "regularizer",
    coefficient,
    loss(parameters, { hidden, embeddingsOf }) {
      const places = [2, "batch", "time"];
      const marginals = marginal(parameters, hidden, embeddingsOf("negatives"));
      const weights = input("regularizer_weights", "float32", places);
      return regularizerLoss(reshape(marginals, [...places, 1]), weights);
    },
    feeds(sides, { rows, random }) {
      const { batch, time, texts } = sides;
      const weightAt = (text: number, place: number) => {
        const { tokens: { length }, given } = texts[text];
        return place >= given && place < length ? 1 / ((length - given) * 2 * rows) : 0;
      };
      return {
        negatives: integers(
          [2, batch, time],
          table(2 * batch, time, () => random.integer(vocabulary)),
        ),
        regularizer_weights: floats([2, batch, time], perPlace(sides, weightAt)),
      };
    },
  };
}
