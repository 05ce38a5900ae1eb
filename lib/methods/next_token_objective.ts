import { add, asRows, gather, mul, reshape, unsqueeze } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { cumulativeWeights } from "../loss/cumulative.ts";
import { distillationWeights } from "../loss/distillation.ts";
import { regularizerLoss, regularizerWeights } from "../loss/regularizer.ts";
import type { BatchShape } from "../loss/weights.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { outputEmbeddings } from "../models/language_model_head.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import type { RewardHead } from "./reward_head.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { Session } from "../runtime/session.ts";
import { floats, integers, type Value } from "../runtime/value.ts";
import { meanLabels } from "../train/constant_prediction.ts";
import { type Example, type Objective, type Part, table } from "../train/objective.ts";
import { labelsOf, padded, shapeOf } from "../train/padded_texts.ts";

type Float = Tensor<"float32">;

/**
 * The rewards that a teacher gives every token of every text, `[batch, time, labels]`.
 *
 * @param texts whose tokens these are, padded, by which a teacher that remembers knows them.
 */
export type TeacherRewards = (
  ids: Value,
  mask: Value,
  texts: readonly Example[],
) => Promise<Value>;

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

/** The shape of what a step's graph is fed for each token of its texts. */
export const perToken = ["batch", "time"];

/** The hidden states of the texts that a step's graph is fed, `[batch · time, d]`. */
export function hiddenOfFed(backbone: Backbone, parameters: Parameters): Float {
  const ids = input("ids", "int64", perToken);
  const mask = input("mask", "float32", perToken);
  return forward(backbone, parameters, { ids, mask }).hidden;
}

/** Output embeddings do not train in reward models: rewards are products with them. */
export function frozenIn(
  { outputEmbedding }: Backbone,
  shapes: ParameterShapes,
): ReadonlySet<string> {
  return new Set(shapes.has(outputEmbedding) ? [outputEmbedding] : []);
}

/** Rates one token a row from the state of its prefix: hidden states and embeddings `[rows, d]` → `[rows, labels]`. */
export type RateOne = (parameters: Parameters, hidden: Float, embeddings: Float) => Float;

/** What a head that rates next tokens is trained to do. */
export interface NextTokenTraining {
  /** The head's parameters. */
  readonly shapes: ParameterShapes;
  readonly labels: number;
  readonly reward: RateOne;
  /** What differs from token to token. */
  readonly marginal: RateOne;
  readonly teacher?: TeacherRewards;
  /** What metrics call the loss without the regularizer. */
  readonly name: string;
  /**
   * That loss, from rewards `[batch, time, labels]` and weights `[batch, time]`.
   *
   * @param targets the texts' labels, `[batch, labels]`, or with a teacher its rewards, `[batch, time, labels]`.
   */
  readonly loss: (rewards: Float, targets: Float, weights: Float) => Float;
  readonly weights: (batch: BatchShape) => Float32Array;
  /** The coefficient of equation (5). */
  readonly regularizer: number;
  readonly regularizerWeights: (batch: BatchShape) => Float32Array;
  /**
   * The loss of one prediction for all; absent where that says nothing.
   *
   * @param rated what a teacher says of the texts that are evaluated.
   */
  readonly constant?: (
    training: readonly Example[],
    evaluation: readonly Part[],
    rated: readonly RatedPlaces[],
  ) => number | Promise<number>;
}

/** What a teacher says of the places of some texts, `[batch, time, labels]`, and how these count, `[batch, time]`. */
export interface RatedPlaces {
  readonly rewards: Float32Array;
  readonly weights: Float32Array;
}

/**
 * Training a head that rates next tokens (section 3.3): BOS and x₁ … x₍ₜ₋₁₎ are read, and the head rates x_t. To the loss the
 * regularizer (5) is added: the squared marginal of one token a place that is drawn from the whole vocabulary.
 */
export function nextTokenObjective(backbone: Backbone, training: NextTokenTraining): Objective {
  const { labels, teacher, name, regularizer, constant } = training;
  const shapes = new Map([...backbone.shapes, ...training.shapes]);
  return {
    shapes,
    frozen: frozenIn(backbone, shapes),

    loss(parameters) {
      const all = outputEmbeddings(backbone, parameters);
      const hidden = hiddenOfFed(backbone, parameters);
      const rated = (rate: RateOne, tokens: string) => {
        const embeddings = asRows(gather(all, input(tokens, "int64", perToken)));
        return reshape(rate(parameters, hidden, embeddings), [...perToken, labels]);
      };
      const fit = training.loss(
        rated(training.reward, "targets"),
        teacher
          ? input("teacher", "float32", [...perToken, labels])
          : input("labels", "float32", ["batch", labels]),
        input("weights", "float32", perToken),
      );
      const terms: Record<string, Float> = { [name]: fit };
      if (regularizer === 0) return { loss: fit, terms };
      terms.regularizer = regularizerLoss(
        rated(training.marginal, "negatives"),
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
        weights: floats(places, training.weights(shape)),
        ...(teacher
          ? { teacher: await teacher(targets.ids, targets.mask, part.examples) }
          : { labels: labelsOf(part.examples, labels) }),
        ...(regularizer === 0 ? {} : {
          negatives: drawnTokens(backbone, part),
          regularizer_weights: floats(places, training.regularizerWeights(shape)),
        }),
      };
    },

    ...(constant && {
      async constantLosses(examples, evaluation, read) {
        const rated = teacher ? await ratedPlaces(teacher, evaluation, read) : [];
        const loss = await constant(examples, evaluation, rated);
        return regularizer === 0 ? { loss } : { loss, [name]: loss };
      },
    }),
  };

  async function ratedPlaces(
    teacher: TeacherRewards,
    parts: readonly Part[],
    read: (value: Value) => Promise<Float32Array>,
  ): Promise<RatedPlaces[]> {
    const rated: RatedPlaces[] = [];
    for (const part of parts) {
      const shape = shapeOf(part);
      const { ids, mask } = padded(backbone, part.examples, shape.time);
      const rewards = await teacher(ids, mask, part.examples);
      rated.push({ rewards: await read(rewards), weights: training.weights(shape) });
      if (rewards.location !== "cpu") rewards.dispose();
    }
    return rated;
  }
}

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
  constant: {
    type: "value",
    is: (value: unknown): value is (mean: number) => number => typeof value === "function",
    what: "a function from a mean to the reward that predicts it",
    defaultHelp: "the mean itself",
    help:
      "what to predict for all texts alike, by the mean of their labels, so that losses can be compared with its loss",
  },
} as const satisfies OptionTable;

/** The options of {@linkcode rewardObjective}. */
export type RewardObjectiveOptions = OptionsOf<typeof rewardObjectiveOptions>;

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
  const { labels, loss, regularizer, teacher, constant = (mean: number) => mean } = settle(
    "rewardObjective",
    rewardObjectiveOptions,
    options,
  );
  const one = (rate: RewardHead["rewards"]): RateOne => (parameters, hidden, embeddings) =>
    rate.call(head, parameters, hidden, unsqueeze(embeddings, [1]));
  const weights = teacher ? distillationWeights : cumulativeWeights;
  const lossOf = (rewards: Float, targets: Float, weights: Float) =>
    loss({ rewards, targets: teacher ? targets : unsqueeze(targets, [1]), weights });
  return nextTokenObjective(backbone, {
    shapes: head.shapes,
    labels,
    reward: one(head.rewards),
    marginal: one(head.marginals ?? head.rewards),
    teacher,
    name: "fit",
    loss: lossOf,
    weights: (shape) => weights(shape),
    regularizer,
    regularizerWeights: (shape) => regularizerWeights(shape),
    constant: (training, evaluation, rated) => {
      const means = teacher ? meanRewards(rated, labels) : meanLabels(training, labels);
      const targets = teacher
        ? rated.map(({ rewards }) => rewards)
        : evaluation.map(({ examples }) => labelsOf(examples, labels).data as Float32Array);
      const rows = evaluation.map((part, i) => ({ shape: shapeOf(part), targets: targets[i] }));
      return lossOfConstant(lossOf, means.map(constant), {
        rows: rows.map(({ shape, targets }) => ({
          time: shape.time,
          targets,
          weights: weights(shape),
        })),
        perPlace: teacher !== undefined,
      });
    },
  });
}

/** The mean of what a teacher says of each label, as places count. */
function meanRewards(rated: readonly RatedPlaces[], labels: number): number[] {
  const sums = new Array<number>(labels).fill(0);
  let total = 0;
  for (const { rewards, weights } of rated) {
    weights.forEach((weight, place) => {
      total += weight;
      if (weight > 0) {
        for (let o = 0; o < labels; o++) sums[o] += weight * rewards[place * labels + o];
      }
    });
  }
  return sums.map((sum) => sum / total);
}

/** A loss of the same rewards, one a label, at all places of some texts, computed by its graph. */
async function lossOfConstant(
  loss: NextTokenTraining["loss"],
  rewards: readonly number[],
  { rows, perPlace }: {
    readonly rows: readonly { time: number; targets: Float32Array; weights: Float32Array }[];
    readonly perPlace: boolean;
  },
): Promise<number> {
  const labels = rewards.length;
  const total = loss(
    input("rewards", "float32", [...perToken, labels]),
    input("targets", "float32", perPlace ? [...perToken, labels] : ["batch", labels]),
    input("weights", "float32", perToken),
  );
  await using session = await Session.open(compile({ total }), { name: "cpu" });
  let sum = 0;
  for (const { time, targets, weights } of rows) {
    const batch = weights.length / time;
    const feeds: Record<string, Value> = {
      rewards: floats(
        [batch, time, labels],
        Float32Array.from({ length: batch * time * labels }, (_, i) => rewards[i % labels]),
      ),
      targets: floats(perPlace ? [batch, time, labels] : [batch, labels], targets),
      weights: floats([batch, time], weights),
    };
    const used = Object.entries(feeds).filter(([name]) => session.program.inputs.has(name));
    sum += (await session.run(Object.fromEntries(used))).total.data[0] as number;
  }
  return sum;
}

/** What is read, BOS and all tokens of a text but the last, and what is rated, its tokens; padded to `[batch, time]`. */
export function nextTokenFeeds(
  backbone: Backbone,
  part: Part,
): { ids: Value; mask: Value; targets: { ids: Value; mask: Value } } {
  const { time } = shapeOf(part);
  const shifted = part.examples.map(({ ids, before = backbone.bos }) => (
    { ids: [before, ...Array.from(ids)].slice(0, time) }
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
