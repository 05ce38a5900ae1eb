import { languageModellingWeights } from "../loss/language_modelling.ts";
import { temporalDifferenceLoss } from "../loss/temporal_difference.ts";
import type { Backbone } from "../models/backbone.ts";
import { squaredError } from "../train/constant_prediction.ts";
import type { Objective } from "../train/objective.ts";
import { openCandidateReader } from "./candidate_reading.ts";
import type { Method } from "./method.ts";
import { prefixObjective } from "./prefix_objective.ts";
import { prefixHead, type RadHead, radHeadShapes, radReward } from "./rad.ts";
import type { Head } from "./reward_head.ts";
import { fedReturns, traceDecaySetting, withReturns } from "./trace_decay_setting.ts";

/**
 * Training a value function of prefixes (Mudgal et al., 2023; Han et al., 2024): V(x₁ … x_t) is fitted to its λ-return from the
 * rewards of whole texts, all tokens of a batch alike.
 *
 * @param traceDecay λ.
 */
export function cdObjective(
  backbone: Backbone,
  head: RadHead,
  { traceDecay }: { readonly traceDecay: number },
): Objective {
  const { labels } = head;
  const objective = prefixObjective(backbone, {
    shapes: radHeadShapes(head),
    labels,
    value: (parameters, hidden) => radReward(head, parameters, hidden),
    name: "td",
    loss: (values, rewards, weights) =>
      temporalDifferenceLoss(values, rewards, weights, fedReturns()),
    weights: languageModellingWeights,
    constant: {
      labels,
      // what the returns of a text's places have of its label, squared: the rest of them is the prediction itself
      weight: ({ ids: { length } }) =>
        Array.from({ length }, (_, t) => traceDecay ** (2 * t)).reduce((a, b) => a + b, 0),
      total: ({ tokens }) => tokens,
      error: squaredError,
      reduction: "mean",
    },
  });
  return withReturns(objective, traceDecay);
}

/**
 * Controlled decoding (Mudgal et al., 2023), and value-augmented sampling (Han et al., 2024): a value head on the state that has
 * read the candidate says what reward the text will come to if the base model goes on from there; β times that is added.
 */
export const cd: Method<Record<never, never>, typeof traceDecaySetting, Head & RadHead> = {
  kind: "cd",
  title: "Value function of prefixes (controlled decoding)",
  name: "CD",
  formula: "z + β V(x, i), the reward that the text is expected to come to",
  source:
    "Mudgal, Lee, Ganapathy, Li, Wang, Huang, Chen, Cheng, Collins, Strohman, Chen, Beutel, Beirami: Controlled Decoding from Language Models, 2023",
  rule: "difference",
  textRating: "reward",
  training: traceDecaySetting,
  learnsFrom: "labels",
  backboneCalls: (k) => k,
  backbone: "hiddenStates",
  head: prefixHead,
  objective: (backbone, head, _training, settings) => cdObjective(backbone, head, settings),
  open: (model, parameters, device, options) =>
    openCandidateReader(model, radReward, parameters, device, options),
};
