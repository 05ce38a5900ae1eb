import { prefixCrossEntropyLoss } from "../loss/cross_entropy.ts";
import { languageModellingWeights } from "../loss/language_modelling.ts";
import type { Backbone } from "../models/backbone.ts";
import { crossEntropy } from "../train/constant_prediction.ts";
import type { Objective } from "../train/objective.ts";
import { openCandidateReader } from "./candidate_reading.ts";
import type { Method } from "./method.ts";
import { prefixObjective } from "./prefix_objective.ts";
import { prefixHead, type RadHead, radHeadShapes, radReward } from "./rad.ts";
import type { Head } from "./reward_head.ts";

/**
 * Training FUDGE (Yang & Klein, 2021): RAD's model, whose value at x_t is the log-odds of the label given x₁ … x_t;
 * the loss is the cross-entropy of every prefix, all tokens of the batch alike.
 */
export function fudgeObjective(backbone: Backbone, head: RadHead): Objective {
  return prefixObjective(backbone, {
    shapes: radHeadShapes(head),
    labels: head.labels,
    value: (parameters, hidden) => radReward(head, parameters, hidden),
    name: "cross_entropy",
    loss: prefixCrossEntropyLoss,
    weights: languageModellingWeights,
    constant: {
      labels: head.labels,
      weight: ({ ids }) => ids.length,
      total: ({ tokens }) => tokens,
      error: crossEntropy,
      reduction: "mean",
    },
  });
}

/** Future discriminators for generation (Yang & Klein, 2021): RAD's shape, with the log-probability of the label. */
export const fudge: Method<Record<never, never>, Record<never, never>, Head & RadHead> = {
  kind: "fudge",
  title: "Future discriminator (FUDGE)",
  name: "FUDGE",
  formula: "z + β log σ(⟨h(x, i), u⟩ + b)",
  source: "Yang, Klein: FUDGE: Controlled Text Generation With Future Discriminators, 2021",
  rule: "logProbability",
  learnsFrom: "labels",
  backboneCalls: (k) => k,
  backbone: "hiddenStates",
  head: prefixHead,
  objective: fudgeObjective,
  open: (model, parameters, device, options) =>
    openCandidateReader(model, radReward, parameters, device, options),
};
