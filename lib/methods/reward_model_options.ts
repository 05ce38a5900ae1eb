import type { Option, OptionsOf, OptionTable } from "../options/option.ts";
import { trainingOptions } from "../train/training_options.ts";
import { type AnyMethod, isEnsemble, learnsFromOf } from "./method.ts";
import { methodOf, methods, type OwnSettings } from "./mod.ts";

/** The kind of a reward model: that of a method of the library, or of `defineMethod`. */
export type RewardKind = string;

/** Settings of training that most methods have. */
export const commonSettings = {
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
    help: "RAD model to distil from; labels are then not read",
  },
  trunk: {
    type: "either",
    of: [{ type: "integer", min: 1 }, { type: "choice", of: ["all"] }],
    placeholder: "blocks",
    defaultHelp: "none are: all of the model trains",
    help:
      "blocks of the base that are shared with it and stay as they are, whose hidden states are computed once: those above and the head train, with all the head alone",
    former: ["train"],
  },
  trainEmbeddings: {
    type: "boolean",
    default: false,
    help:
      "train the output embeddings as well, which the paper freezes: those of a base of few texts say little of words",
  },
} as const satisfies OptionTable;

/** What a method's training takes beside what every training takes. */
export function settingsOf(method: AnyMethod): OptionTable {
  if (isEnsemble(method)) return {};
  const { trainsEmbeddings, settings, training } = method;
  const learnsFrom = learnsFromOf(method);
  const { init, teacher, trunk, trainEmbeddings } = commonSettings;
  return {
    init,
    ...(learnsFrom.includes("teacher") ? { teacher } : {}),
    ...(learnsFrom === "two classes" || learnsFrom === "pairs" ? {} : { trunk }),
    ...(trainsEmbeddings ? {} : { trainEmbeddings }),
    ...settings,
    ...training,
  };
}

/** The settings of all methods that there are, by name. */
export function methodSettings(): OptionTable {
  const all: Record<string, Option> = { ...commonSettings };
  for (const [name, option] of methods().flatMap((each) => Object.entries(settingsOf(each)))) {
    all[name] ??= option;
  }
  return all;
}

/** What is spread below has its type written out, as JSR reads the types of a package without inferring them. */
const kindSetting: {
  readonly kind: {
    readonly type: "choice";
    readonly of: readonly RewardKind[];
    readonly required: true;
    readonly placeholder: "kind";
    readonly help: string;
  };
} = {
  kind: {
    type: "choice",
    get of(): readonly RewardKind[] {
      return methods().map(({ kind }) => kind);
    },
    required: true,
    placeholder: "kind",
    help: "autoregressive reward model, or another system",
  },
};
const ownSettings: OwnSettings = methodSettings() as OwnSettings;

/** What `trainRewardModel` takes, of the library's methods. */
export const rewardModelOptions = {
  ...kindSetting,
  base: {
    type: "text",
    required: true,
    placeholder: "dir",
    help: "language model that lends backbone, embeddings and tokenizer",
  },
  ...commonSettings,
  ...ownSettings,
  ...trainingOptions,
} as const satisfies OptionTable;

export type RewardModelOptions = OptionsOf<typeof rewardModelOptions>;

/** The same with the settings of `defineMethod`'s methods. */
export function rewardModelTable(): typeof rewardModelOptions {
  const { kind, base } = rewardModelOptions;
  return { kind, base, ...methodSettings(), ...trainingOptions } as typeof rewardModelOptions;
}

/** A setting that was given and that the kind does not have, and the kinds that have it. */
export function foreignSetting(
  kind: RewardKind,
  given: object,
): { readonly name: string; readonly kinds: readonly RewardKind[] } | undefined {
  const method = methodOf(kind);
  const has = (method: AnyMethod, name: string) => Object.hasOwn(settingsOf(method), name);
  const name = Object.keys(methodSettings()).find((name) =>
    (given as Record<string, unknown>)[name] !== undefined && method && !has(method, name)
  );
  if (name === undefined) return undefined;
  return { name, kinds: methods().filter((each) => has(each, name)).map(({ kind }) => kind) };
}
