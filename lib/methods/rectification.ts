import { input } from "../graph/tensor.ts";
import { languageModellingWeights } from "../loss/language_modelling.ts";
import { lastShares, laterShares, temporalDifferenceLoss } from "../loss/temporal_difference.ts";
import type { Backbone } from "../models/backbone.ts";
import type { OptionTable } from "../options/option.ts";
import { floats } from "../runtime/value.ts";
import type { Objective } from "../train/objective.ts";
import { shapeOf } from "../train/padded_texts.ts";
import { armHead, armHeadOptions, armHeadShapes, armReward, marginalOf, project } from "./arm.ts";
import type { Method } from "./method.ts";
import { nextTokenObjective } from "./next_token_objective.ts";

/** Settings of its training. */
const training = {
  traceDecay: {
    type: "number",
    min: 0,
    max: 1,
    default: 0.9,
    placeholder: "lambda",
    help:
      "λ of TD(λ): 0 learns the value of a token from that of the next one, as published, which takes many epochs; 1 from the " +
      "text's label",
  },
} as const satisfies OptionTable;

/** What an ARM's head is trained to do by temporal differences: the value of each token is what the next one's is, and the last one's is the label. */
function rectificationObjective(
  backbone: Backbone,
  { labels, baseline, traceDecay }: {
    readonly labels: number;
    readonly baseline: boolean;
    readonly traceDecay: number;
  },
): Objective {
  const head = { labels, width: backbone.width, baseline };
  const objective = nextTokenObjective(backbone, {
    shapes: armHeadShapes(head),
    labels,
    reward: (...given) => armReward(head, ...given),
    marginal: (parameters, hidden, embeddings) =>
      marginalOf(project(head, parameters, hidden), embeddings),
    name: "td",
    loss: (values, targets, weights) =>
      temporalDifferenceLoss(values, targets, weights, {
        later: input("later", "float32", ["time", "time"]),
        last: input("last", "float32", ["batch", "time"]),
      }),
    weights: languageModellingWeights,
    regularizer: 0,
    regularizerWeights: languageModellingWeights,
  });
  return {
    ...objective,
    async feeds(part) {
      const shape = shapeOf(part);
      const { time } = shape;
      return {
        ...await objective.feeds(part),
        later: floats([time, time], laterShares(time, traceDecay)),
        last: floats([part.examples.length, time], lastShares(shape, traceDecay)),
      };
    },
  };
}

/**
 * Rectification (Cao et al., 2023): a token's probability may be no larger than one minus the probability that a text that goes
 * on with it ends undesirably, which an ARM's head learns by temporal differences.
 */
export const rectification: Method<typeof armHeadOptions, typeof training> = {
  kind: "rectification",
  title: "Rectification by dead-end analysis",
  name: "Rectification",
  formula:
    "log min(p, 1 − β (1 − clamp(⟨h, w⟩ + ⟨W h, eᵢ⟩, 0, 1))), twice, p being the base model's softmax",
  source:
    "Cao, Fatemi, Cheung, Shabanian: Systematic Rectification of Language Models via Dead-end Analysis, 2023",
  rule: "cap",
  settings: armHeadOptions,
  training,
  learnsFrom: "labels",
  head: armHead,
  objective: (backbone, _head, { labels }, { baseline, traceDecay }) =>
    rectificationObjective(backbone, { labels, baseline, traceDecay }),
};
