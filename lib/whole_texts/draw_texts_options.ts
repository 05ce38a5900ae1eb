import { chatOptions, samplerOptions, stopOption } from "../decode/generate_options.ts";
import { readings } from "../eval/scorers/scorer.ts";
import { raterKind } from "../eval/text_reward.ts";
import type { OptionsOf, OptionTable, SettledOptions } from "../options/option.ts";

/** What of a text's rating is its reward. */
const rewardOptions = {
  rater: { ...raterKind, required: true, help: "what rates whole texts" },
  label: {
    type: "text",
    defaultHelp: "the only one",
    help: "the label whose score is the reward",
  },
  inverse: {
    type: "boolean",
    default: false,
    help: "draw away from the label: 1 − r in place of r",
  },
  reads: {
    type: "choice",
    of: readings,
    defaultHelp: "what the scorer asks for",
    help: "what a scorer is given: the prompt and all that follows, or what follows alone",
  },
} as const satisfies OptionTable;

/** The ways to draw whole texts. */
export const wholeTextMethods = ["best-of-n", "cards"] as const;

/** Best-of-n. */
export const bestOfNOptions = {
  bestOf: {
    type: "integer",
    min: 1,
    default: 8,
    placeholder: "n",
    help: "texts that are drawn for each that is kept",
  },
} as const satisfies OptionTable;

/** CARDS (Li et al., 2024). */
export const cardsOptions = {
  entropyThreshold: {
    type: "number",
    min: 0,
    default: 2,
    placeholder: "nats",
    help:
      "a segment ends before a token that is as open as this: the entropy of the base model's top k, which is at most log k",
  },
  minSegment: { type: "integer", min: 1, default: 4, help: "fewest tokens of a segment" },
  maxSegment: { type: "integer", min: 1, default: 64, help: "most tokens of a segment" },
  maxTries: {
    type: "integer",
    min: 1,
    default: 21,
    help: "most candidates for a segment; the best of them is then taken",
  },
  targetReward: {
    type: "number",
    min: 0,
    max: 1,
    default: 1,
    placeholder: "r",
    help: "the reward that a whole text is accepted at for certain",
  },
  firstTarget: {
    type: "number",
    min: 0,
    max: 1,
    default: 0.5,
    placeholder: "share",
    help:
      "where the threshold begins to rise, as a share of the way from the prompt's reward to the target",
  },
} as const satisfies OptionTable;

/** How whole texts are drawn, and by which of them. */
export const wholeTextOptions = {
  ...bestOfNOptions,
  ...cardsOptions,
} as const satisfies OptionTable;

/** What `drawTexts` takes. */
export const drawTextsOptions = {
  method: {
    type: "choice",
    of: wholeTextMethods,
    required: true,
    help: "how whole texts, or segments of them, are drawn from the base model",
  },
  reward: { type: "options", of: rewardOptions, required: true, help: "what is drawn towards" },
  beta: {
    type: "number",
    min: 0,
    default: 10,
    help: "strength β of CARDS: a segment is accepted with the probability min(1, exp(β (r − τ)))",
  },
  ...wholeTextOptions,
  ...samplerOptions,
  ...chatOptions,
  ...stopOption,
} as const satisfies OptionTable;

/** What `drawTexts` takes. */
export type DrawTextsOptions = OptionsOf<typeof drawTextsOptions>;

/** The same with the defaults in place. */
export type SettledDrawTextsOptions = SettledOptions<typeof drawTextsOptions>;
