import { div, mul, reduceSum, reshape, sumAll, unsqueeze } from "../graph/ops/mod.ts";
import { input } from "../graph/tensor.ts";
import { binaryCrossEntropy } from "../loss/cross_entropy.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import type { Parameters } from "../models/parameters.ts";
import type { OptionTable, SettledOptions } from "../options/option.ts";
import type { Device } from "../runtime/device.ts";
import { floats } from "../runtime/value.ts";
import { crossEntropy, meanLabelLoss } from "../train/constant_prediction.ts";
import type { Objective } from "../train/objective.ts";
import { labelsOf, padded, shapeOf } from "../train/padded_texts.ts";
import type { HeadedModel, Method } from "./method.ts";
import { type PplmHead, pplmHead } from "./pplm_head.ts";
import { pplmCalls, PplmReading, PplmSessions } from "./pplm_reading.ts";
import type { RewardModel } from "./reward_model.ts";

/** How PPLM steers; each is the authors' default. */
export const pplmOptions = {
  pplmIterations: {
    type: "integer",
    min: 1,
    default: 3,
    placeholder: "n",
    help: "PPLM: how often keys and values are moved for a token",
  },
  pplmStepSize: {
    type: "number",
    above: 0,
    default: 0.02,
    placeholder: "x",
    help: "PPLM: how far they are moved",
  },
  pplmKlScale: {
    type: "number",
    min: 0,
    default: 0.01,
    placeholder: "x",
    help: "PPLM: how much the divergence from the unperturbed model counts",
  },
  pplmNormExponent: {
    type: "number",
    min: 0,
    default: 1.5,
    placeholder: "x",
    help: "PPLM: the power of its norm that a gradient is divided by",
  },
} as const satisfies OptionTable;

const perToken = ["batch", "time"];

/** Training the classifier: BOS and the text are read by the base model as it is, and the mean of its hidden states is classified. */
function pplmObjective(backbone: Backbone, head: PplmHead): Objective {
  const { labels } = head;
  const shapes = new Map([...backbone.shapes, ...head.shapes]);
  return {
    shapes,
    frozen: new Set(backbone.shapes.keys()),

    loss(parameters) {
      const ids = input("ids", "int64", perToken);
      const mask = input("mask", "float32", perToken);
      const { hidden } = forward(backbone, parameters, { ids, mask });
      const byText = mul(
        reshape(hidden, ["batch", "time", backbone.width]),
        unsqueeze(mask, [2]),
      );
      const tokens = reduceSum(mask, [1], { keep: true });
      const mean = div(reduceSum(byText, [1]), tokens);
      const errors = binaryCrossEntropy(
        head.classify(parameters, mean),
        input("labels", "float32", ["batch", labels]),
      );
      const loss = sumAll(mul(errors, input("share", "float32", [])));
      return { loss, terms: { cross_entropy: loss } };
    },

    feeds(part) {
      const { examples, rows } = part;
      const read = examples.map(({ ids }) => ({ ids: [backbone.bos, ...Array.from(ids)] }));
      return Promise.resolve({
        ...padded(backbone, read, shapeOf(part).time + 1),
        labels: labelsOf(examples, labels),
        share: floats([], Float32Array.of(1 / (rows * labels))),
      });
    },

    constantLosses: (training, evaluation) => {
      const loss = meanLabelLoss(training, evaluation, {
        labels,
        weight: () => 1,
        total: ({ rows }) => rows,
        error: crossEntropy,
        reduction: "mean",
      });
      return Promise.resolve({ loss, cross_entropy: loss });
    },
  };
}

/** Opens a model whose scores are what moving the base model's past does to the log-probabilities of tokens. */
function openPplm(
  { kind, rule, backbone, labels, head, backboneIdentity }: HeadedModel<unknown, PplmHead>,
  parameters: Parameters,
  device: Device,
  options: Partial<SettledOptions<typeof pplmOptions>>,
): RewardModel {
  const few = backbone.matrices.find(({ name }) =>
    parameters.quantized?.(name, backbone.shapes.get(name)!)
  );
  if (few) {
    throw new TypeError(
      `A model of kind ${kind} takes gradients through its weights, and ${few.name} has few bits, through which none go: ` +
        "take the model with weights of float32.",
    );
  }
  const sessions = new PplmSessions(
    backbone,
    parameters,
    head.classify,
    device,
    {
      iterations: options.pplmIterations ?? pplmOptions.pplmIterations.default,
      stepSize: options.pplmStepSize ?? pplmOptions.pplmStepSize.default,
      klScale: options.pplmKlScale ?? pplmOptions.pplmKlScale.default,
      normExponent: options.pplmNormExponent ?? pplmOptions.pplmNormExponent.default,
    },
  );
  return {
    kind,
    labels,
    rule,
    vocabulary: backbone.vocabulary,
    // the token that may come is read, too
    longestText: backbone.context - 1,
    movesBase: { blocks: backbone.blocks.length, identity: backboneIdentity },
    start: (prompts) =>
      PplmReading.start(sessions, prompts.map((prompt) => [backbone.bos, ...prompt])),
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}

/**
 * Plug and play language models (Dathathri et al., 2020): a classifier of the base model's mean hidden state, whose gradients move
 * the keys and values of what was read, token after token.
 */
export const pplm: Method<Record<never, never>, Record<never, never>, PplmHead> = {
  kind: "pplm",
  title: "Plug and play language model (PPLM)",
  name: "PPLM",
  formula:
    "(1 − β) log p + β log p̃, p̃ being the base model behind keys and values that were moved along gradients",
  source:
    "Dathathri, Madotto, Lan, Hung, Frank, Molino, Yosinski, Liu: Plug and Play Language Models: A Simple Approach to Controlled Text Generation, 2020",
  rule: "difference",
  learnsFrom: "two classes",
  trainsEmbeddings: true,
  trainsHeadAlone: true,
  backboneCalls: () => pplmCalls(pplmOptions.pplmIterations.default),
  head: pplmHead,
  objective: pplmObjective,
  open: openPplm,
};
