import { add, asRows, gather, mul, reshape } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { cumulativeLoss, cumulativeWeights } from "../loss/cumulative.ts";
import { prefixCrossEntropyLoss } from "../loss/cross_entropy.ts";
import { distillationLoss, distillationWeights } from "../loss/distillation.ts";
import { languageModellingWeights } from "../loss/language_modelling.ts";
import { regularizerLoss, regularizerWeights } from "../loss/regularizer.ts";
import type { BatchShape } from "../loss/weights.ts";
import { type ArmHead, armHeadShapes, armReward, marginalOf, project } from "./arm_head.ts";
import { type Backbone, trunkShapes } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { outputEmbeddings } from "../models/language_model_head.ts";
import { type RadHead, radHeadShapes, radReward } from "./rad_head.ts";
import { floats, type Value } from "../runtime/value.ts";
import {
  crossEntropy,
  type LabelLoss,
  meanLabelLoss,
  meanRewardLoss,
  squaredError,
} from "../train/constant_prediction.ts";
import {
  drawnTokens,
  frozenIn,
  nextTokenFeeds,
  type TeacherRewards,
} from "./next_token_objective.ts";
import type { Objective, Part } from "../train/objective.ts";
import { labelsOf, padded, shapeOf } from "../train/padded_texts.ts";

type Float = Tensor<"float32">;

export interface ArmObjectiveOptions {
  /** Distil from these rewards instead of learning from labels. Default: learn from labels. */
  teacher?: TeacherRewards;
  /** The regularizer's coefficient, equation (5). Default 1. */
  regularizer?: number;
  /** Compute the losses as the authors' published code does, instead of as the paper defines them. Default false. */
  published?: boolean;
}

const perToken = ["batch", "time"];

/**
 * Training an autoregressive reward model (section 3.3): BOS and x₁ … x₍ₜ₋₁₎ are read, and the head rates x_t.
 * The loss is the cumulative loss on labels or the distillation loss on a teacher's rewards, plus the regularizer.
 */
export function armObjective(
  backbone: Backbone,
  head: ArmHead,
  { teacher, regularizer = 1, published = false }: ArmObjectiveOptions = {},
): Objective {
  const { labels } = head;
  const regularized = !published ? "targets" : teacher ? "all" : "published";
  const shapes = new Map([...backbone.shapes, ...armHeadShapes(head)]);
  return {
    shapes,
    frozen: frozenIn(backbone, shapes),

    loss(parameters) {
      const ids = input("ids", "int64", perToken);
      const mask = input("mask", "float32", perToken);
      const wte = outputEmbeddings(backbone, parameters);
      const embeddings = (name: string) => asRows(gather(wte, input(name, "int64", perToken)));
      const { hidden } = forward(backbone, parameters, { ids, mask });

      const rated = armReward(head, parameters, hidden, embeddings("targets"));
      const rewards = reshape(rated, [...perToken, labels]);
      const weights = input("weights", "float32", perToken);
      const terms: Record<string, Float> = teacher
        ? {
          distillation: distillationLoss(
            rewards,
            input("teacher", "float32", [...perToken, labels]),
            weights,
          ),
        }
        : {
          cumulative: cumulativeLoss(
            rewards,
            input("labels", "float32", ["batch", labels]),
            weights,
            published ? "sum" : "mean",
          ),
        };
      if (regularizer === 0) return { loss: Object.values(terms)[0], terms };

      const drawn = marginalOf(project(head, parameters, hidden), embeddings("negatives"));
      terms.regularizer = regularizerLoss(
        reshape(drawn, [...perToken, labels]),
        input("regularizer_weights", "float32", perToken),
      );
      const [fit] = Object.values(terms);
      return { loss: add(fit, mul(terms.regularizer, regularizer)), terms };
    },

    async feeds(part) {
      const shape = shapeOf(part);
      const { targets, ...read } = nextTokenFeeds(backbone, part);
      const places = targets.ids.dims;
      const weights = teacher ? distillationWeights(shape, published) : cumulativeWeights(shape);
      return {
        ...read,
        targets: targets.ids,
        weights: floats(places, weights),
        ...(teacher
          ? { teacher: await teacher(targets.ids, targets.mask) }
          : { labels: labelsOf(part.examples, labels) }),
        ...(regularizer === 0 ? {} : {
          negatives: drawnTokens(backbone, part),
          regularizer_weights: floats(places, regularizerWeights(shape, regularized)),
        }),
      };
    },

    async constantLosses(training, evaluation, read) {
      const loss = teacher
        ? meanRewardLoss(await teacherRewards(teacher, evaluation, read), labels)
        : meanLabelLoss(training, evaluation, cumulative(labels, published));
      const name = teacher ? "distillation" : "cumulative";
      return regularizer === 0 ? { loss } : { loss, [name]: loss };
    },
  };

  /** What the teacher says of the places of some texts, and how these count. */
  async function teacherRewards(
    teacher: TeacherRewards,
    parts: readonly Part[],
    read: (value: Value) => Promise<Float32Array>,
  ) {
    const rated: { rewards: Float32Array; weights: Float32Array }[] = [];
    for (const part of parts) {
      const shape = shapeOf(part);
      const { ids, mask } = padded(backbone, part.examples, shape.time);
      const rewards = await teacher(ids, mask);
      rated.push({ rewards: await read(rewards), weights: distillationWeights(shape, published) });
      if (rewards.location !== "cpu") rewards.dispose();
    }
    return rated;
  }
}

/** How the cumulative loss compares a prediction with the labels: the weights of a text's places add up to 1. */
function cumulative(labels: number, published: boolean): LabelLoss {
  return {
    labels,
    weight: ({ ids }) => ids.length > 0 ? 1 : 0,
    total: ({ rows }) => rows,
    error: squaredError,
    reduction: published ? "sum" : "mean",
  };
}

/** Training RAD (Deng & Raffel, 2023): x₁ … x_t are read and rated at x_t; the loss is the cumulative loss. */
export function radObjective(
  backbone: Backbone,
  head: RadHead,
  { published = false }: Pick<ArmObjectiveOptions, "published"> = {},
): Objective {
  return prefixObjective(backbone, head, {
    name: "cumulative",
    loss: (rewards, labels, weights) =>
      cumulativeLoss(rewards, labels, weights, published ? "sum" : "mean"),
    weights: cumulativeWeights,
    constant: cumulative(head.labels, published),
  });
}

/**
 * Training FUDGE (Yang & Klein, 2021): RAD's model, whose value at x_t is the log-odds of the label given x₁ … x_t;
 * the loss is the cross-entropy of every prefix, all tokens of the batch alike.
 */
export function fudgeObjective(backbone: Backbone, head: RadHead): Objective {
  return prefixObjective(backbone, head, {
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

/** How the values of a text's prefixes are compared with its labels. */
interface PrefixLoss {
  readonly name: string;
  /** From values `[batch, time, labels]`, labels `[batch, labels]` and weights `[batch, time]`. */
  readonly loss: (values: Float, labels: Float, weights: Float) => Float;
  readonly weights: (batch: BatchShape) => Float32Array;
  /** The same for one prediction for all texts. */
  readonly constant: LabelLoss;
}

/** Training a head that gives every prefix a value at its last token. */
function prefixObjective(
  backbone: Backbone,
  head: RadHead,
  { name, loss, weights, constant }: PrefixLoss,
): Objective {
  const { labels } = head;
  const shapes = new Map([...trunkShapes(backbone), ...radHeadShapes(head)]);
  return {
    shapes,
    frozen: frozenIn(backbone, shapes),

    loss(parameters) {
      const ids = input("ids", "int64", perToken);
      const mask = input("mask", "float32", perToken);
      const { hidden } = forward(backbone, parameters, { ids, mask });
      const value = loss(
        reshape(radReward(head, parameters, hidden), [...perToken, labels]),
        input("labels", "float32", ["batch", labels]),
        input("weights", "float32", perToken),
      );
      return { loss: value, terms: { [name]: value } };
    },

    feeds(part) {
      const shape = shapeOf(part);
      return Promise.resolve({
        ...padded(backbone, part.examples, shape.time),
        labels: labelsOf(part.examples, labels),
        weights: floats([part.examples.length, shape.time], weights(shape)),
      });
    },

    constantLosses: (training, evaluation) =>
      Promise.resolve({ loss: meanLabelLoss(training, evaluation, constant) }),
  };
}
