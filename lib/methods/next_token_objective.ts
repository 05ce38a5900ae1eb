import { add, asRows, gather, mul, reshape, unsqueeze } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { cumulativeWeights } from "../loss/cumulative.ts";
import { distillationWeights } from "../loss/distillation.ts";
import { regularizerLoss, regularizerWeights } from "../loss/regularizer.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { outputEmbeddings } from "../models/language_model_head.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import type { RewardHead } from "./reward_head.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { floats, integers, type Value } from "../runtime/value.ts";
import { type Objective, type Part, table } from "../train/objective.ts";
import { labelsOf, padded, shapeOf } from "../train/padded_texts.ts";

type Float = Tensor<"float32">;

/** The rewards that a teacher gives every token of every text, `[batch, time, labels]`. */
export type TeacherRewards = (ids: Value, mask: Value) => Promise<Value>;

/** What a loss compares. */
export interface RatedTexts {
  /** r̂ of every token of every text, `[batch, time, labels]`. */
  readonly rewards: Float;
  /** What they should be: the text's labels, `[batch, 1, labels]`, or a teacher's rewards, `[batch, time, labels]`. */
  readonly targets: Float;
  /** How the places count, `[batch, time]`: those of equation (3), or of (4) with a teacher. Their sum is 1; padding has 0. */
  readonly weights: Float;
}

/** A loss of one's own, as a graph of shape `[]`. */
export type RewardLoss = (rated: RatedTexts) => Float;

/** The options of {@linkcode rewardObjective}. */
export const rewardObjectiveOptions = {
  labels: { type: "integer", min: 1, required: true, help: "labels that the head rates" },
  loss: {
    type: "value",
    is: (value: unknown): value is RewardLoss => typeof value === "function",
    what: "a function from rewards, targets and weights to a loss",
    required: true,
    help: "the loss of the rewards of the texts' own tokens",
  },
  regularizer: {
    type: "number",
    min: 0,
    default: 1,
    help: "the regularizer's coefficient, equation (5)",
  },
  teacher: {
    type: "value",
    is: (value: unknown): value is TeacherRewards => typeof value === "function",
    what: "a teacher's rewards, as a method's objective is given them",
    help: "distil from these rewards in place of labels",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode rewardObjective}. */
export type RewardObjectiveOptions = OptionsOf<typeof rewardObjectiveOptions>;

const perToken = ["batch", "time"];

/** Output embeddings do not train in reward models: rewards are products with them. */
export function frozenIn(
  { outputEmbedding }: Backbone,
  shapes: ParameterShapes,
): ReadonlySet<string> {
  return new Set(shapes.has(outputEmbedding) ? [outputEmbedding] : []);
}

/**
 * Training a head that rates next tokens, with any loss: BOS and x₁ … x₍ₜ₋₁₎ are read, and the head rates x_t. To the loss
 * the regularizer (5) is added: the squared marginal of one token a place that is drawn from the whole vocabulary.
 *
 * @throws {TypeError | RangeError} for an option that is unknown, missing, of a wrong type or out of range.
 */
export function rewardObjective(
  backbone: Backbone,
  head: RewardHead,
  options: RewardObjectiveOptions,
): Objective {
  const { labels, loss, regularizer, teacher } = settle(
    "rewardObjective",
    rewardObjectiveOptions,
    options,
  );
  const shapes = new Map([...backbone.shapes, ...head.shapes]);
  return {
    shapes,
    frozen: frozenIn(backbone, shapes),

    loss(parameters) {
      const ids = input("ids", "int64", perToken);
      const mask = input("mask", "float32", perToken);
      const { hidden } = forward(backbone, parameters, { ids, mask });
      const all = outputEmbeddings(backbone, parameters);
      const rated = (rate: RewardHead["rewards"], tokens: string) => {
        const embeddings = unsqueeze(asRows(gather(all, input(tokens, "int64", perToken))), [1]);
        return reshape(rate(parameters, hidden, embeddings), [...perToken, labels]);
      };
      const fit = loss({
        rewards: rated((...given) => head.rewards(...given), "targets"),
        targets: teacher
          ? input("teacher", "float32", [...perToken, labels])
          : unsqueeze(input("labels", "float32", ["batch", labels]), [1]),
        weights: input("weights", "float32", perToken),
      });
      const terms: Record<string, Float> = { fit };
      if (regularizer === 0) return { loss: fit, terms };
      terms.regularizer = regularizerLoss(
        rated((...given) => (head.marginals ?? head.rewards).apply(head, given), "negatives"),
        input("regularizer_weights", "float32", perToken),
      );
      return { loss: add(fit, mul(terms.regularizer, regularizer)), terms };
    },

    async feeds(part) {
      const { ids, mask, targets } = nextTokenFeeds(backbone, part);
      const shape = shapeOf(part);
      const places = targets.ids.dims;
      return {
        ids,
        mask,
        targets: targets.ids,
        weights: floats(places, teacher ? distillationWeights(shape) : cumulativeWeights(shape)),
        ...(teacher
          ? { teacher: await teacher(targets.ids, targets.mask) }
          : { labels: labelsOf(part.examples, labels) }),
        ...(regularizer === 0 ? {} : {
          negatives: drawnTokens(backbone, part),
          regularizer_weights: floats(places, regularizerWeights(shape)),
        }),
      };
    },
  };
}

/** What is read, BOS and all tokens of a text but the last, and what is rated, its tokens; padded to `[batch, time]`. */
export function nextTokenFeeds(
  backbone: Backbone,
  part: Part,
): { ids: Value; mask: Value; targets: { ids: Value; mask: Value } } {
  const { time } = shapeOf(part);
  const shifted = part.examples.map(({ ids }) => (
    { ids: [backbone.bos, ...Array.from(ids)].slice(0, time) }
  ));
  return {
    ...padded(backbone, shifted, time),
    targets: padded(backbone, part.examples, time),
  };
}

/** A token for each place, drawn uniformly from the vocabulary, `[batch, time]`. */
export function drawnTokens({ vocabulary }: Backbone, part: Part): Value {
  const [batch, { time }] = [part.examples.length, shapeOf(part)];
  return integers([batch, time], table(batch, time, () => part.random.integer(vocabulary)));
}
