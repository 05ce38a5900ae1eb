import { reshape } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { BatchShape } from "../loss/weights.ts";
import { type Backbone, hiddenStateShapes } from "../models/backbone.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import { floats } from "../runtime/value.ts";
import { type LabelLoss, meanLabelLoss, squaredError } from "../train/constant_prediction.ts";
import type { Objective } from "../train/objective.ts";
import { labelsOf, padded, shapeOf } from "../train/padded_texts.ts";
import { frozenIn, hiddenOfFed, perToken } from "./next_token_objective.ts";

type Float = Tensor<"float32">;

/** A head that gives every prefix a value at its last token, and how that is compared with the text's labels. */
export interface PrefixTraining {
  /** The head's parameters. */
  readonly shapes: ParameterShapes;
  readonly labels: number;
  /** Hidden states `[rows, d]` → `[rows, labels]`. */
  readonly value: (parameters: Parameters, hidden: Float) => Float;
  /** What metrics call the loss. */
  readonly name: string;
  /** From values `[batch, time, labels]`, labels `[batch, labels]` and weights `[batch, time]`. */
  readonly loss: (values: Float, labels: Float, weights: Float) => Float;
  readonly weights: (batch: BatchShape) => Float32Array;
  /** The same for one prediction for all texts. */
  readonly constant: LabelLoss;
}

/** Training a head that gives every prefix a value at its last token. */
export function prefixObjective(backbone: Backbone, training: PrefixTraining): Objective {
  const { labels, name } = training;
  const shapes = new Map([...hiddenStateShapes(backbone), ...training.shapes]);
  return {
    shapes,
    frozen: frozenIn(backbone, shapes),

    loss(parameters) {
      const hidden = hiddenOfFed(backbone, parameters);
      const value = training.loss(
        reshape(training.value(parameters, hidden), [...perToken, labels]),
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
        weights: floats([part.examples.length, shape.time], training.weights(shape)),
      });
    },

    constantLosses: (examples, evaluation) =>
      Promise.resolve({ loss: meanLabelLoss(examples, evaluation, training.constant) }),
  };
}

/** How the cumulative loss compares a prediction with the labels: the weights of a text's places add up to 1. */
export function cumulativeConstant(labels: number, reduction: "mean" | "sum"): LabelLoss {
  return {
    labels,
    weight: ({ ids }) => ids.length > 0 ? 1 : 0,
    total: ({ rows }) => rows,
    error: squaredError,
    reduction,
  };
}
