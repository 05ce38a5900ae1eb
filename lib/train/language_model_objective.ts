import { asRows, gather } from "../graph/ops/mod.ts";
import { input } from "../graph/tensor.ts";
import {
  languageModellingLoss,
  languageModellingWeights,
  negativeLogLikelihood,
} from "../loss/language_modelling.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { languageModelHead, outputEmbeddings } from "../models/language_model_head.ts";
import { floats, integers } from "../runtime/value.ts";
import { predictedTokens, unigramNll } from "./constant_prediction.ts";
import { type Example, longest, type Objective, table } from "./objective.ts";

/** Weights of places `[batch, time]`, with 0 where the tokens that are given would be predicted. */
export function notGiven(
  examples: readonly Example[],
  time: number,
  weights: Float32Array,
): Float32Array {
  examples.forEach(({ given = 0 }, row) => weights.fill(0, row * time, row * time + given));
  return weights;
}

/**
 * Training a base language model: BOS and x₁ … x_n are read, x₁ … x_n and the end of text are predicted.
 * Embeddings train as well.
 */
export function languageModelObjective(backbone: Backbone): Objective {
  const { bos, endOfText } = backbone;
  return {
    shapes: backbone.shapes,
    frozen: new Set(),

    loss(parameters) {
      const perToken = ["batch", "time"];
      const ids = input("ids", "int64", perToken);
      const mask = input("mask", "float32", perToken);
      const { hidden } = forward(backbone, parameters, { ids, mask });
      const embeddings = outputEmbeddings(backbone, parameters);
      const nll = negativeLogLikelihood(
        languageModelHead(backbone, parameters, hidden),
        hidden,
        asRows(gather(embeddings, input("targets", "int64", perToken))),
      );
      const loss = languageModellingLoss(nll, input("weights", "float32", perToken));
      return { loss, terms: { nll: loss } };
    },

    feeds({ examples, rows, tokens }) {
      const batch = examples.length;
      const time = longest(examples) + 1;
      const lengths = examples.map(({ ids, goesOn }) => ids.length + (goesOn ? 0 : 1));
      const shape = { lengths, time, rows, tokens: tokens + rows };
      return Promise.resolve({
        ids: integers(
          [batch, time],
          table(batch, time, (b, t) => t === 0 ? bos : examples[b].ids[t - 1] ?? endOfText),
        ),
        mask: floats(
          [batch, time],
          Float32Array.from(table(batch, time, (b, t) => t < lengths[b] ? 1 : 0)),
        ),
        targets: integers(
          [batch, time],
          table(batch, time, (b, t) => examples[b].ids[t] ?? endOfText),
        ),
        weights: floats([batch, time], notGiven(examples, time, languageModellingWeights(shape))),
      });
    },

    constantLosses(training, evaluation) {
      const nll = unigramNll(training, backbone);
      let loss = 0;
      for (const { examples, rows, tokens } of evaluation) {
        for (const example of examples) {
          for (const id of predictedTokens(example, endOfText)) loss += nll[id] / (tokens + rows);
        }
      }
      return Promise.resolve({ loss });
    },
  };
}
