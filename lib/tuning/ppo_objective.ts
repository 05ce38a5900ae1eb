import { add, asRows, gather, mul, reshape, sub } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { clippedPolicyLoss } from "../loss/clipped_policy.ts";
import { clippedValueLoss } from "../loss/clipped_value.ts";
import { negativeLogLikelihood } from "../loss/language_modelling.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { languageModelHead, outputEmbeddings } from "../models/language_model_head.ts";
import type { Parameters } from "../models/parameters.ts";
import { floats, type Value } from "../runtime/value.ts";
import { languageModelObjective } from "../train/language_model_objective.ts";
import type { Example, Objective } from "../train/objective.ts";
import { valueHead, valueHeadShapes } from "./value_head.ts";

/** What was noted of a text's tokens when it was written, one number for each that was drawn, the end of text among them. */
export interface Experience {
  /** log π_old of the tokens. */
  readonly logProbabilities: Float32Array;
  /** V_old of the states that they were drawn in. */
  readonly values: Float32Array;
  readonly advantages: Float32Array;
  readonly returns: Float32Array;
}

/** How PPO's losses are clipped and put together. */
export interface PpoLossSettings {
  readonly clipRange: number;
  readonly valueClipRange: number;
  readonly valueCoefficient: number;
}

const perToken = ["batch", "time"];

/** The inputs of what is known of every place beforehand. */
const noted = {
  old_log_probabilities: ({ logProbabilities }: Experience) => logProbabilities,
  old_values: ({ values }: Experience) => values,
  advantages: ({ advantages }: Experience) => advantages,
  returns: ({ returns }: Experience) => returns,
} as const;

/** Texts that are read, `[batch, time]` each. */
export interface ReadTexts {
  readonly ids: Tensor<"int64">;
  readonly mask: Tensor<"float32">;
  /** The tokens that follow. */
  readonly targets: Tensor<"int64">;
}

/** These as inputs of a graph. */
export function readTexts(): ReadTexts {
  return {
    ids: input("ids", "int64", perToken),
    mask: input("mask", "float32", perToken),
    targets: input("targets", "int64", perToken),
  };
}

/** The hidden states of texts, and log π of the tokens that follow each place: `[rows, d]` and `[rows]`. */
export function tokenLogProbabilities(
  backbone: Backbone,
  parameters: Parameters,
  { ids, mask, targets }: ReadTexts,
): { hidden: Tensor<"float32">; logProbabilities: Tensor<"float32"> } {
  const { hidden } = forward(backbone, parameters, { ids, mask });
  const logits = languageModelHead(backbone, parameters, hidden);
  const chosen = asRows(gather(outputEmbeddings(backbone, parameters), targets));
  return { hidden, logProbabilities: sub(0, negativeLogLikelihood(logits, hidden, chosen)) };
}

/**
 * PPO's objective on a language model with a value head, as a loss: the clipped objective of the policy, and that of the values,
 * c_v times (Ziegler et al., 2019). Every token that was drawn counts alike.
 *
 * @param experiences what was noted of each example.
 */
export function ppoObjective(
  backbone: Backbone,
  experiences: { get(example: Example): Experience | undefined },
  { clipRange, valueClipRange, valueCoefficient }: PpoLossSettings,
): Objective {
  const plain = languageModelObjective(backbone);
  return {
    shapes: new Map([...backbone.shapes, ...valueHeadShapes(backbone)]),
    frozen: new Set(),

    loss(parameters) {
      const { hidden, logProbabilities } = tokenLogProbabilities(
        backbone,
        parameters,
        readTexts(),
      );
      const rows = (name: string) =>
        reshape(input(name, "float32", perToken), logProbabilities.shape);
      const weights = rows("weights");
      const policy = clippedPolicyLoss(
        logProbabilities,
        rows("old_log_probabilities"),
        { advantages: rows("advantages"), weights },
        clipRange,
      );
      const value = clippedValueLoss(
        valueHead(backbone, parameters, hidden),
        rows("old_values"),
        { returns: rows("returns"), weights },
        valueClipRange,
      );
      return { loss: add(policy, mul(value, valueCoefficient)), terms: { policy, value } };
    },

    async feeds(part) {
      const feeds = await plain.feeds(part);
      const [batch, time] = feeds.ids.dims;
      const known = Object.entries(noted).map(([name, of]): [string, Value] => {
        const values = new Float32Array(batch * time);
        part.examples.forEach((example, row) =>
          values.set(of(experiences.get(example)!), row * time + (example.given ?? 0))
        );
        return [name, floats([batch, time], values)];
      });
      return { ...feeds, ...Object.fromEntries(known) };
    },
  };
}
