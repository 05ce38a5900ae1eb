import { multiply } from "../graph/dim.ts";
import { add, gemm, matmul, mul, reduceSum, reshape, unsqueeze } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { cumulativeLoss, cumulativeWeights } from "../loss/cumulative.ts";
import { distillationLoss, distillationWeights } from "../loss/distillation.ts";
import { regularizerWeights } from "../loss/regularizer.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import { partNamed, type PartNames } from "../models/part_names.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { meanLabelLoss, meanRewardLoss } from "../train/constant_prediction.ts";
import type { Objective } from "../train/objective.ts";
import { headInitSetting } from "./head_init.ts";
import type { Method } from "./method.ts";
import { frozenIn, nextTokenObjective, type TeacherRewards } from "./next_token_objective.ts";
import { pairObjective } from "./pair_objective.ts";
import { pairRegularizer } from "./pair_regularizer.ts";
import { cumulativeConstant } from "./prefix_objective.ts";
import { publishedSetting } from "./published_setting.ts";
import type { HeadSizes, RewardHead } from "./reward_head.ts";

type Float = Tensor<"float32">;

/** An ARM head: one (w, W) a label over hidden states of width d. */
export interface ArmHead {
  readonly labels: number;
  readonly width: number;
  /** Whether there is a baseline ⟨h, w⟩ of the prefix; the paper's ablation leaves it out. */
  readonly baseline: boolean;
}

const projectionName = "head.lm_projection.weight";
const baselineName = "head.prefix_baseline.weight";

/** The head's parameters, named as in the authors' code: rows o·d … (o+1)·d−1 are W of label o. */
export function armHeadShapes({ labels, width, baseline }: ArmHead): ParameterShapes {
  return new Map([
    [projectionName, [labels * width, width]],
    ...(baseline ? [[baselineName, [labels, width]] as const] : []),
  ]);
}

/** W h for every label: hidden states `[rows, d]` → `[rows, labels, d]`. */
export function project(head: ArmHead, parameters: Parameters, hidden: Float): Float {
  const { labels, width } = head;
  const weight = parameters(projectionName, [labels * width, width]);
  return reshape(gemm(hidden, weight, { transposeB: true }), [hidden.shape[0], labels, width]);
}

/** The baseline ⟨h, w⟩ of the prefix, `[rows, d]` → `[rows, labels]`. */
export function prefixBaseline(head: ArmHead, parameters: Parameters, hidden: Float): Float {
  return gemm(hidden, parameters(baselineName, [head.labels, head.width]), { transposeB: true });
}

/** The marginal ⟨W h, e⟩ of one token a row: `[rows, labels, d]`, embeddings `[rows, d]` → `[rows, labels]`. */
export function marginalOf(projected: Float, embeddings: Float): Float {
  return reduceSum(mul(projected, unsqueeze(embeddings, [1])), [2]);
}

/**
 * The reward of one token a row, equation (2): r̂ = ⟨h, w⟩ + ⟨W h, e⟩, `[rows, labels]`.
 *
 * @param embeddings rows of the tied embedding for the rated tokens, `[rows, d]`.
 */
export function armReward(
  head: ArmHead,
  parameters: Parameters,
  hidden: Float,
  embeddings: Float,
): Float {
  const marginal = marginalOf(project(head, parameters, hidden), embeddings);
  return head.baseline ? add(prefixBaseline(head, parameters, hidden), marginal) : marginal;
}

/** The rewards of k candidates a row, equation (2): embeddings `[rows, k, d]` → `[rows, labels, k]`. */
export function armCandidateRewards(
  head: ArmHead,
  parameters: Parameters,
  hidden: Float,
  embeddings: Float,
): Float {
  const marginal = matmul(project(head, parameters, hidden), embeddings, { transposeB: true });
  return head.baseline
    ? add(unsqueeze(prefixBaseline(head, parameters, hidden), [2]), marginal)
    : marginal;
}

/** The rewards of all tokens, equation (2): embeddings `[vocab, d]` → `[rows, labels, vocab]`. */
export function armVocabularyRewards(
  head: ArmHead,
  parameters: Parameters,
  hidden: Float,
  embeddings: Float,
): Float {
  const [rows] = hidden.shape;
  const projected = reshape(project(head, parameters, hidden), [
    multiply(rows, head.labels),
    head.width,
  ]);
  const marginal = reshape(gemm(projected, embeddings, { transposeB: true }), [
    rows,
    head.labels,
    embeddings.shape[0],
  ]);
  return head.baseline
    ? add(unsqueeze(prefixBaseline(head, parameters, hidden), [2]), marginal)
    : marginal;
}

/** The options of {@linkcode armHead}, which are the settings of an ARM. */
export const armHeadOptions = {
  baseline: { type: "boolean", default: true, help: "the ARM's baseline ⟨h, w⟩ of the prefix" },
} as const satisfies OptionTable;

/** The options of {@linkcode armHead}. */
export type ArmHeadOptions = OptionsOf<typeof armHeadOptions>;

const parts: PartNames = [
  [/^head\.prefix_baseline\./, "head: baseline w of each label"],
  [/^head\.lm_projection\./, "head: marginal W of each label"],
];

/**
 * The head of an ARM, equation (2): r̂ = ⟨h, w⟩ + ⟨W h, e⟩, with one (w, W) a label. Its marginals are ⟨W h, e⟩.
 *
 * @throws {TypeError} for an unknown option.
 */
export function armHead(sizes: HeadSizes, options: ArmHeadOptions = {}): RewardHead {
  const head: ArmHead = { ...sizes, ...settle("armHead", armHeadOptions, options) };
  return {
    shapes: armHeadShapes(head),
    partOf: (name) => partNamed(parts, name),
    // W h = (W·‖h‖/5)(5h/‖h‖) and the like: a step of AdamW has one size whatever the gradient's, so that it carries the factor over
    stepFactors: ({ hidden, embedding }) =>
      new Map([[projectionName, 5 / (hidden * embedding)], [baselineName, 5 / hidden]]),
    rewards: (parameters, hidden, embeddings) =>
      armCandidateRewards(head, parameters, hidden, embeddings),
    marginals: (parameters, hidden, embeddings) =>
      matmul(project(head, parameters, hidden), embeddings, { transposeB: true }),
    vocabularyRewards: (parameters, hidden, embeddings) =>
      armVocabularyRewards(head, parameters, hidden, embeddings),
  };
}

export interface ArmObjectiveOptions {
  /** Distil from these rewards instead of learning from labels. Default: learn from labels. */
  teacher?: TeacherRewards;
  /** The regularizer's coefficient, equation (5). Default 1. */
  regularizer?: number;
  /** Compute the losses as the authors' published code does, instead of as the paper defines them. Default false. */
  published?: boolean;
}

/**
 * Training an autoregressive reward model (section 3.3). The loss is the cumulative loss on labels or the distillation loss
 * on a teacher's rewards, plus the regularizer.
 */
export function armObjective(
  backbone: Backbone,
  head: ArmHead,
  { teacher, regularizer = 1, published = false }: ArmObjectiveOptions = {},
): Objective {
  const { labels } = head;
  const reduction = published ? "sum" : "mean";
  const regularized = !published ? "targets" : teacher ? "all" : "published";
  return nextTokenObjective(backbone, {
    shapes: armHeadShapes(head),
    labels,
    reward: (...given) => armReward(head, ...given),
    marginal: (parameters, hidden, embeddings) =>
      marginalOf(project(head, parameters, hidden), embeddings),
    teacher,
    ...(teacher
      ? {
        name: "distillation",
        loss: distillationLoss,
        weights: (shape) => distillationWeights(shape, published),
        constant: (_training, _evaluation, rated) => meanRewardLoss(rated, labels),
      }
      : {
        name: "cumulative",
        loss: (rewards, targets, weights) => cumulativeLoss(rewards, targets, weights, reduction),
        weights: cumulativeWeights,
        constant: (training, evaluation) =>
          meanLabelLoss(training, evaluation, cumulativeConstant(labels, reduction)),
      }),
    regularizer,
    regularizerWeights: (shape) => regularizerWeights(shape, regularized),
  });
}

/**
 * Training an autoregressive reward model on preference pairs: the rewards of all prefixes of both answers are compared, later
 * ones weighing more, as those of texts with labels are in equation (3); plus the regularizer.
 */
export function armPairObjective(
  backbone: Backbone,
  head: ArmHead,
  { regularizer = 1 }: Pick<ArmObjectiveOptions, "regularizer"> = {},
): Objective {
  const shapes = new Map([...backbone.shapes, ...armHeadShapes(head)]);
  return pairObjective(backbone, {
    shapes,
    frozen: frozenIn(backbone, shapes),
    rates: "next",
    ends: false,
    compares: "prefixes",
    value: (parameters, { hidden, embeddingsOf }) =>
      armReward(head, parameters, hidden, embeddingsOf("targets")),
    further: pairRegularizer(
      backbone,
      regularizer,
      (parameters, hidden, embeddings) => marginalOf(project(head, parameters, hidden), embeddings),
    ),
  });
}

/** Settings of an ARM's training. */
const training = {
  regularizer: {
    type: "number",
    min: 0,
    default: 1,
    help: "coefficient of an ARM's regularizer, equation (5), 0 for none",
    former: ["reg"],
  },
  ...headInitSetting,
  ...publishedSetting,
} as const satisfies OptionTable;

/**
 * The autoregressive reward model (section 3.2): reads BOS and the text, one backbone call a token, and rates any number of
 * next tokens from the one hidden state, equation (2).
 */
export const arm: Method<typeof armHeadOptions, typeof training> = {
  kind: "arm",
  title: "Autoregressive reward model (ARM)",
  name: "ARM",
  formula: "z + β clamp(⟨h, w⟩ + ⟨W h, eᵢ⟩, 0, 1)",
  source: "Troshin, Niculae, Fokkens: Efficient Guided Decoding with Autoregressive Reward Models",
  rule: "reward",
  settings: armHeadOptions,
  training,
  learnsFrom: "labels, pairs or a teacher",
  head: armHead,
  objective(backbone, _head, { labels, teacher, pairs }, { baseline, regularizer, published }) {
    const head = { labels, width: backbone.width, baseline };
    return pairs
      ? armPairObjective(backbone, head, { regularizer })
      : armObjective(backbone, head, { teacher, regularizer, published });
  },
};
