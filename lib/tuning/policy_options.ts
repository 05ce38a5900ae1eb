import { generateOptions } from "../decode/generate_options.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { trainingOptions } from "../train/training_options.ts";

/** The ways to train a language model on the rewards of what it writes. */
export const policyMethods = ["quark", "ppo"] as const;
export type PolicyMethodName = typeof policyMethods[number];

/** What a language model learns from. */
export const policySource = {
  method: {
    type: "choice",
    of: policyMethods,
    required: true,
    help:
      "quark learns its texts after tokens that say how good they were, ppo follows the gradient of the reward",
  },
  init: {
    type: "text",
    required: true,
    placeholder: "dir",
    help: "language model to start from, which stays the reference that the model is kept close to",
  },
  label: {
    type: "text",
    placeholder: "name",
    defaultHelp: "the only one",
    help: "label that is rewarded",
  },
  inverse: {
    type: "boolean",
    default: false,
    help: "reward texts without the label: 1 − r in place of r",
  },
} as const satisfies OptionTable;

/** What an iteration is: texts are written and rated, and then learnt from. */
export const iterationOptions = {
  iterations: {
    type: "integer",
    min: 1,
    default: 20,
    help: "times that texts are written, rated, and learnt from",
  },
  rollouts: {
    type: "integer",
    min: 1,
    default: 256,
    help: "texts that are written in an iteration",
  },
  maxNewTokens: {
    ...generateOptions.maxNewTokens,
    help: "longest text that is written, in tokens",
  },
  temperature: { ...generateOptions.temperature, above: 0, help: "that texts are drawn with" },
  topK: {
    type: "integer",
    min: 1,
    defaultHelp: "the whole vocabulary",
    help: "tokens that a text's next one is drawn from, the likeliest",
  },
  epochs: {
    type: "integer",
    min: 1,
    default: 4,
    help:
      "passes of an iteration's steps over as many texts as it writes: for ppo over these, for quark over texts of all " +
      "iterations so far",
  },
  batchSize: { ...trainingOptions.batchSize, default: 64 },
  klCoefficient: {
    type: "number",
    min: 0,
    default: 0.05,
    former: ["klCoef", "kl_coef", "initKlCoef"],
    help: "β, how much a nat of divergence from the reference costs",
  },
} as const satisfies OptionTable;

/** What Quark takes. */
export const quarkSettings = {
  quantiles: {
    type: "integer",
    min: 2,
    max: 10,
    default: 5,
    help: "K, quantiles of the rewards, each with a token of its own",
  },
} as const satisfies OptionTable;

/** What PPO takes. */
export const ppoSettings = {
  clipRange: {
    type: "number",
    above: 0,
    max: 1,
    default: 0.2,
    former: ["cliprange"],
    help: "ε, how far a step may change a token's probability from when it was drawn, as a factor",
  },
  valueClipRange: {
    type: "number",
    above: 0,
    default: 0.2,
    former: ["cliprangeValue"],
    help: "how far a value may change from what it was when the text was written",
  },
  valueCoefficient: {
    type: "number",
    min: 0,
    default: 0.1,
    former: ["vfCoef", "vf_coef"],
    help: "how much the loss of the values counts",
  },
  discount: {
    type: "number",
    min: 0,
    max: 1,
    default: 1,
    former: ["gamma"],
    help: "γ, by which a reward counts less for every token that it is away",
  },
  lambda: {
    type: "number",
    min: 0,
    max: 1,
    default: 0.95,
    former: ["lam"],
    help: "λ of generalized advantage estimation",
  },
} as const satisfies OptionTable;

/** What `trainPolicy` takes. */
export const policyOptions = {
  ...policySource,
  out: trainingOptions.out,
  ...iterationOptions,
  ...quarkSettings,
  ...ppoSettings,
  lora: trainingOptions.lora,
  learningRate: { ...trainingOptions.learningRate, defaultHelp: "as the model's width asks for" },
  schedule: trainingOptions.schedule,
  warmupSteps: trainingOptions.warmupSteps,
  accumulationSteps: trainingOptions.accumulationSteps,
  recompute: trainingOptions.recompute,
  betas: trainingOptions.betas,
  epsilon: trainingOptions.epsilon,
  weightDecay: { ...trainingOptions.weightDecay, default: 0 },
  decayAll: trainingOptions.decayAll,
  maxGradNorm: { ...trainingOptions.maxGradNorm, default: 1 },
  seed: { ...trainingOptions.seed, help: "seed of order, and of what is drawn" },
  signal: trainingOptions.signal,
  onStep: trainingOptions.onStep,
  onStart: trainingOptions.onStart,
  resume: {
    ...trainingOptions.resume,
    help:
      "go on from the folder's checkpoint, or with more iterations from the end of its finished run, if there is one",
  },
  overwrite: trainingOptions.overwrite,
  keepOptimizer: trainingOptions.keepOptimizer,
} as const satisfies OptionTable;

export type PolicyOptions = OptionsOf<typeof policyOptions>;
