import { languageModellingWeights } from "../loss/language_modelling.ts";
import { temporalDifferenceLoss } from "../loss/temporal_difference.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Objective } from "../train/objective.ts";
import { armHead, armHeadOptions, armHeadShapes, armReward, marginalOf, project } from "./arm.ts";
import type { Method } from "./method.ts";
import { nextTokenObjective } from "./next_token_objective.ts";
import { fedReturns, traceDecaySetting, withReturns } from "./trace_decay_setting.ts";

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
      temporalDifferenceLoss(values, targets, weights, fedReturns()),
    weights: languageModellingWeights,
    regularizer: 0,
    regularizerWeights: languageModellingWeights,
  });
  return withReturns(objective, traceDecay);
}

/**
 * Rectification (Cao et al., 2023): a token's probability may be no larger than one minus the probability that a text that goes
 * on with it ends undesirably, which an ARM's head learns by temporal differences.
 */
export const rectification: Method<typeof armHeadOptions, typeof traceDecaySetting> = {
  kind: "rectification",
  title: "Rectification by dead-end analysis",
  name: "Rectification",
  formula:
    "log min(p, 1 − β (1 − clamp(⟨h, w⟩ + ⟨W h, eᵢ⟩, 0, 1))), twice, p being the base model's softmax",
  source:
    "Cao, Fatemi, Cheung, Shabanian: Systematic Rectification of Language Models via Dead-end Analysis, 2023",
  rule: "cap",
  settings: armHeadOptions,
  training: traceDecaySetting,
  learnsFrom: "labels",
  head: armHead,
  objective: (backbone, _head, { labels }, { baseline, traceDecay }) =>
    rectificationObjective(backbone, { labels, baseline, traceDecay }),
};
