import type { ModelKind } from "./model_spec.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { trainingOptions } from "../train/training_options.ts";

/** The kinds of reward models. */
export const rewardKinds = [
  "arm",
  "rad",
  "fudge",
  "gedi",
  "dexperts",
] as const satisfies readonly Exclude<ModelKind, "lm">[];
export type RewardKind = typeof rewardKinds[number];

/** The settings that only some kinds of models have. */
export const kindSettings = {
  init: {
    type: "text",
    placeholder: "dir",
    defaultHelp: "the base model's backbone and a fresh head",
    help:
      "reward model to go on from, of the same kind, labels and sizes, trained from the same base",
  },
  teacher: {
    type: "text",
    placeholder: "dir",
    help: "RAD model to distil an ARM from; labels are then not read",
  },
  baseline: { type: "boolean", default: true, help: "the ARM's baseline of the prefix" },
  regularizer: {
    type: "number",
    min: 0,
    default: 1,
    help: "coefficient of an ARM's regularizer, equation (5), 0 for none",
    former: ["reg"],
  },
  trainEmbeddings: {
    type: "boolean",
    default: false,
    help:
      "train the output embeddings as well, which the paper freezes: those of a base of few texts say little of words",
  },
  published: {
    type: "boolean",
    default: false,
    help:
      "losses as in the authors' code, and, where nothing else is given, its AdamW: weight decay 0.01 (of matrices only), a " +
      "rate of 1e-5 that falls along a line, and gradients of norm 2 at most",
  },
  codes: {
    type: "list",
    of: { type: "text" },
    length: 2,
    default: ["true", "false"],
    placeholder: "word",
    help:
      "two words whose first tokens are a GeDi's control codes, of texts with the label and without it",
  },
  generativeWeight: {
    type: "number",
    min: 0,
    max: 1,
    default: 0.8,
    placeholder: "share",
    help: "how much a GeDi's generative loss counts, λ; the rest is the discriminative one's",
    former: ["genWeight"],
  },
} as const satisfies OptionTable;
export type KindSetting = keyof typeof kindSettings;

/** Which of them each kind has. */
export const settingsOfKinds: Readonly<Record<RewardKind, readonly KindSetting[]>> = {
  arm: ["init", "teacher", "baseline", "regularizer", "trainEmbeddings", "published"],
  rad: ["init", "trainEmbeddings", "published"],
  fudge: ["init", "trainEmbeddings"],
  gedi: ["init", "codes", "generativeWeight"],
  dexperts: [],
};

/** What `trainRewardModel` takes. */
export const rewardModelOptions = {
  kind: {
    type: "choice",
    of: rewardKinds,
    required: true,
    placeholder: "kind",
    help: "autoregressive reward model, or another system",
  },
  base: {
    type: "text",
    required: true,
    placeholder: "dir",
    help: "language model that lends backbone, embeddings and tokenizer",
  },
  ...kindSettings,
  ...trainingOptions,
} as const satisfies OptionTable;

export type RewardModelOptions = OptionsOf<typeof rewardModelOptions>;

/** A setting that was given and that the kind does not have, and the kinds that have it. */
export function foreignSetting(
  kind: RewardKind,
  given: object,
): { readonly name: KindSetting; readonly kinds: readonly RewardKind[] } | undefined {
  const name = (Object.keys(kindSettings) as KindSetting[]).find((name) =>
    (given as Record<string, unknown>)[name] !== undefined && !settingsOfKinds[kind].includes(name)
  );
  return name &&
    { name, kinds: rewardKinds.filter((each) => settingsOfKinds[each].includes(name)) };
}

/** What the authors' code sets otherwise than the paper (golden README, "The code and the formulas", 5). */
export const publishedAdamW = {
  learningRate: 1e-5,
  schedule: "linear",
  weightDecay: 0.01,
  decayAll: false,
  maxGradNorm: 2,
} as const satisfies Partial<RewardModelOptions>;
