import type { Tensor } from "../graph/tensor.ts";
import { atLastToken, cachesOf } from "../inference/backbone_part.ts";
import type { RaterPart } from "../inference/part.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Parameters } from "../models/parameters.ts";
import { forwardStep } from "../models/step.ts";

type Float = Tensor<"float32">;

/** Scores `[rows, labels, k]` from hidden states `[rows, d]` and candidates `[rows, k]`; of all tokens where none are given. */
export type RateNext = (hidden: Float, candidates: Tensor<"int64"> | undefined) => Float;

/** The part of a model that reads BOS and the text, one backbone call a token, and rates next tokens from the last hidden state. */
export function nextTokenPart(
  backbone: Backbone,
  parameters: Parameters,
  rate: RateNext,
): RaterPart {
  return {
    caches: cachesOf(backbone),
    running: [],
    context: backbone.context,
    backboneCalls: 1,
    begin: (prompt) => [backbone.bos, ...prompt],
    rate(inputs, candidates) {
      const { hidden, fresh } = forwardStep(backbone, parameters, inputs.ids, inputs.past);
      return { scores: rate(atLastToken(hidden, inputs), candidates), fresh, running: {} };
    },
  };
}
