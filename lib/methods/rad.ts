import { gemm } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { cumulativeLoss, cumulativeWeights } from "../loss/cumulative.ts";
import { type Backbone, hiddenStateShapes } from "../models/backbone.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import type { Objective } from "../train/objective.ts";
import { openCandidateReader } from "./candidate_reading.ts";
import type { Method } from "./method.ts";
import { frozenIn } from "./next_token_objective.ts";
import { pairObjective, type PairTraining } from "./pair_objective.ts";
import { cumulativeConstant, prefixObjective } from "./prefix_objective.ts";
import { publishedSetting } from "./published_setting.ts";
import type { Head, HeadSizes } from "./reward_head.ts";

type Float = Tensor<"float32">;

/** RAD's head (Deng & Raffel, 2023): one linear unit a label on the hidden state at the rated token. */
export interface RadHead {
  readonly labels: number;
  readonly width: number;
}

/** The head's parameters, named as in the authors' code. */
export function radHeadShapes({ labels, width }: RadHead): ParameterShapes {
  return new Map([["lm_head.weight", [labels, width]], ["lm_head.bias", [labels]]]);
}

/** The reward of each prefix that ends where its hidden state was taken: `[rows, d]` → `[rows, labels]`. */
export function radReward(
  { labels, width }: RadHead,
  parameters: Parameters,
  hidden: Float,
): Float {
  return gemm(hidden, parameters("lm_head.weight", [labels, width]), {
    transposeB: true,
    bias: parameters("lm_head.bias", [labels]),
  });
}

/** The head of RAD and FUDGE as a part of a model. */
export function prefixHead(sizes: HeadSizes): Head & RadHead {
  return {
    ...sizes,
    shapes: radHeadShapes(sizes),
    partOf: () => "head: one linear unit a label",
  };
}

/** Training RAD (Deng & Raffel, 2023): x₁ … x_t are read and rated at x_t; the loss is the cumulative loss. */
export function radObjective(
  backbone: Backbone,
  head: RadHead,
  { published = false }: { published?: boolean } = {},
): Objective {
  const reduction = published ? "sum" : "mean";
  return prefixObjective(backbone, {
    shapes: radHeadShapes(head),
    labels: head.labels,
    value: (parameters, hidden) => radReward(head, parameters, hidden),
    name: "cumulative",
    loss: (rewards, labels, weights) => cumulativeLoss(rewards, labels, weights, reduction),
    weights: cumulativeWeights,
    constant: cumulativeConstant(head.labels, reduction),
  });
}

/**
 * Training a reward model that reads every candidate on preference pairs: the rewards of prefixes, or of whole texts alone,
 * say which answer is preferred.
 */
export function radPairObjective(
  backbone: Backbone,
  head: RadHead,
  { compares }: Pick<PairTraining, "compares">,
): Objective {
  const shapes = new Map([...hiddenStateShapes(backbone), ...radHeadShapes(head)]);
  return pairObjective(backbone, {
    shapes,
    frozen: frozenIn(backbone, shapes),
    rates: "read",
    ends: false,
    compares,
    value: (parameters, { hidden }) => radReward(head, parameters, hidden),
  });
}

/** How RAD and FUDGE read candidates. */
export const radOptions = {
  plain: {
    type: "boolean",
    default: false,
    help:
      "RAD and FUDGE as published: each candidate a text of its own with a copy of the prefix, and not one pass for all; the rewards are the same",
  },
} as const satisfies OptionTable;

/** How RAD and FUDGE read candidates. */
export type RadOptions = OptionsOf<typeof radOptions>;

/**
 * Reward-augmented decoding (Deng & Raffel, 2023): a linear head on the hidden state at the rated token, so that every
 * candidate goes through the backbone, after the cached prefix.
 */
export const rad: Method<Record<never, never>, typeof publishedSetting, Head & RadHead> = {
  kind: "rad",
  title: "Reward model that reads every candidate (RAD)",
  name: "RAD",
  formula: "z + β clamp(⟨h(x, i), u⟩ + b, 0, 1)",
  source:
    "Deng, Raffel: Reward-Augmented Decoding: Efficient Controlled Text Generation With a Unidirectional Reward Model, 2023",
  rule: "reward",
  training: publishedSetting,
  learnsFrom: "labels or pairs",
  backboneCalls: (k) => k,
  backbone: "hiddenStates",
  head: prefixHead,
  objective: (backbone, head, { pairs }, { published }) =>
    pairs
      ? radPairObjective(backbone, head, { compares: "prefixes" })
      : radObjective(backbone, head, { published }),
  open: (model, parameters, device, options) =>
    openCandidateReader(model, radReward, parameters, device, options),
};
