import { asRows, gather } from "../graph/ops/mod.ts";
import { input } from "../graph/tensor.ts";
import {
  languageModellingLoss,
  languageModellingWeights,
  negativeLogLikelihood,
} from "../loss/language_modelling.ts";
import { gpt2, gpt2Shapes, languageModelHead } from "../nn/gpt2.ts";
import type { Gpt2Config } from "../nn/gpt2_config.ts";
import { floats, integers } from "../runtime/value.ts";
import { longest, type Objective, table } from "./objective.ts";

/**
 * Training a base language model: BOS and x₁ … x_n are read, x₁ … x_n and the end of text are predicted.
 * Embeddings train as well.
 */
export function languageModelObjective(config: Gpt2Config): Objective {
  const { endOfText } = config;
  return {
    shapes: gpt2Shapes(config),
    frozen: new Set(),

    loss(parameters) {
      const perToken = ["batch", "time"];
      const ids = input("ids", "int64", perToken);
      const mask = input("mask", "float32", perToken);
      const { hidden } = gpt2(config, parameters, { ids, mask });
      const wte = parameters("wte.weight", [config.vocabulary, config.width]);
      const nll = negativeLogLikelihood(
        languageModelHead(config, parameters, hidden),
        hidden,
        asRows(gather(wte, input("targets", "int64", perToken))),
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
          table(batch, time, (b, t) => t === 0 ? endOfText : examples[b].ids[t - 1] ?? endOfText),
        ),
        mask: floats(
          [batch, time],
          Float32Array.from(table(batch, time, (b, t) => t < lengths[b] ? 1 : 0)),
        ),
        targets: integers(
          [batch, time],
          table(batch, time, (b, t) => examples[b].ids[t] ?? endOfText),
        ),
        weights: floats([batch, time], languageModellingWeights(shape)),
      });
    },
  };
}
