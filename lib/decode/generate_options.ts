import type { OptionsOf, OptionTable, SettledOptions } from "../options/option.ts";
import { seedOption } from "../options/seed_option.ts";
import { settle } from "../options/settle.ts";
import { signalOption } from "../options/signal_option.ts";
import { openFormulaKind } from "../bases/open_formula.ts";
import { rewardModelKind } from "../methods/reward_model_kind.ts";
import { defaultBeta } from "./guidance.ts";
import type { Step } from "./step.ts";

/** One step of one batch: `rows` say which prompt and sample each row is. */
export interface StepTrace extends Step {
  readonly rows: readonly { readonly prompt: number; readonly sample: number }[];
}

const isOnStep = (value: unknown): value is (step: StepTrace) => void =>
  typeof value === "function";

const isOnPrompt = (
  value: unknown,
): value is (prompt: number, continuations: readonly (readonly number[])[]) => void =>
  typeof value === "function";

/** How one label of a reward model steers. */
export const steeringOptions = {
  label: { type: "text", required: true, help: "a label of the reward model" },
  beta: {
    type: "number",
    // far from the largest number of float32, so that several, times log-probabilities, add up to one that is finite
    min: -1e30,
    max: 1e30,
    default: defaultBeta,
    help: "strength β: what a reward of 1 adds to a logit",
  },
  inverse: {
    type: "boolean",
    default: false,
    help: "steer away from the label: 1 − r in place of r",
  },
} as const satisfies OptionTable;

const share = { type: "number", min: 0, max: 1, required: true } as const;

/** A reward model that steers. */
const guideOptions = {
  model: { ...rewardModelKind, required: true, help: "what steers" },
  steering: {
    type: "list",
    of: { type: "options", of: steeringOptions },
    required: true,
    help: "the labels that steer, each with its strength",
  },
  filter: {
    type: "options",
    of: {
      dropUpTo: { ...share, help: "accumulated probability up to which tokens may be dropped" },
      keepFrom: { ...share, help: "class probability from which a token stays in any case" },
    },
    help: "filter by class, for models of log-probabilities with one label",
  },
} as const satisfies OptionTable;

/** Whether log-probabilities are kept. */
export const logProbabilitiesOption = {
  logProbabilities: {
    type: "boolean",
    default: false,
    help:
      "keep the log-probability of every token that was drawn, as it was drawn and without guidance by the same sampler",
  },
} as const satisfies OptionTable;

/** What steers while texts are written, and how that is computed. */
const guidedOptions = {
  guides: {
    type: "list",
    of: { type: "options", of: guideOptions },
    default: [],
    help: "what steers; several reward models and labels add up",
  },
  formula: {
    ...openFormulaKind,
    flag: false,
    help:
      "what the base model and other language models are put together to, before guides steer; default: the base model alone",
  },
  rated: {
    type: "choice",
    of: ["top-k", "vocabulary"],
    default: "top-k",
    placeholder: "tokens",
    help:
      "what is rated: the base model's top k, or the whole vocabulary, of which the top k are taken when guided",
  },
  together: {
    type: "boolean",
    default: true,
    flag: false,
    help:
      "one graph of base model and reward models, where all are folders of ours; the tokens are the same",
  },
  stepsPerRun: {
    type: "integer",
    min: 1,
    flag: false,
    defaultHelp: "by the models' sizes, several where these are small",
    help: "most steps that one graph takes in one run, where all models are one graph in memory",
  },
  onStep: {
    type: "value",
    is: isOnStep,
    what: "a function of a step",
    help: "called with every step's numbers, which are valid during the call only",
  },
} as const satisfies OptionTable;

/** How texts are drawn from a base model. */
export const samplerOptions = {
  topK: {
    type: "integer",
    min: 1,
    default: 20,
    former: ["k"],
    help: "tokens that a step chooses from",
  },
  topP: {
    type: "number",
    above: 0,
    max: 1,
    placeholder: "p",
    help: "draw from the nucleus of this probability of the guided softmax",
  },
  minP: {
    type: "number",
    min: 0,
    max: 1,
    placeholder: "p",
    help:
      "draw from the candidates that are at least so many times as probable as the likeliest, by the guided softmax at " +
      "the temperature",
  },
  repetitionPenalty: {
    type: "number",
    above: 0,
    placeholder: "x",
    help:
      "divide the base model's positive logits of tokens that were read by it, and multiply negative ones, before guidance; above 1 " +
      "it discourages repetition",
  },
  baseTopP: {
    type: "number",
    above: 0,
    max: 1,
    placeholder: "p",
    help: "cut the base model's logits to the nucleus of this probability before guidance",
  },
  samples: {
    type: "integer",
    min: 1,
    default: 25,
    former: ["n"],
    help: "continuations of each prompt",
  },
  maxNewTokens: {
    type: "integer",
    min: 1,
    default: 20,
    former: ["maxTokens"],
    help: "longest continuation, in tokens",
  },
  ends: {
    type: "list",
    of: { type: "integer", min: 0 },
    flag: false,
    defaultHelp: "those that the base model's folder names",
    help: "tokens that end a continuation",
  },
  temperature: {
    type: "number",
    min: 0,
    default: 1,
    placeholder: "t",
    help: "1 samples from the softmax, less is bolder, 0 takes the likeliest candidate",
  },
  seed: { ...seedOption, help: "seed of the samples" },
  firstPrompt: {
    type: "integer",
    min: 0,
    default: 0,
    flag: false,
    help:
      "the number of the first prompt, so that a long list continued in parts gives what it gives as a whole",
  },
  batchSize: {
    type: "integer",
    min: 1,
    default: 100,
    former: ["batch", "batchRows"],
    help: "texts that are computed together",
  },
  onPrompt: {
    type: "value",
    is: isOnPrompt,
    what: "a function of a prompt's number and its continuations' token ids",
    help:
      "called when a prompt's continuations are finished, so that they can be kept whatever comes",
  },
  label: {
    type: "text",
    default: "Generating",
    flag: false,
    help: "what the progress bar calls the work",
  },
  progress: { type: "boolean", default: true, flag: false, help: "a progress bar" },
  signal: signalOption,
} as const satisfies OptionTable;

/** What all that generate take. */
export const commonOptions = {
  ...guidedOptions,
  ...samplerOptions,
} as const satisfies OptionTable;

/** What `generate` takes, and all that go on with tokens. */
export const generateOptions = {
  ...commonOptions,
  ...logProbabilitiesOption,
} as const satisfies OptionTable;

/** What `generate` and `generateSteps` take. */
export type GenerateOptions = OptionsOf<typeof generateOptions>;

/** The same with the defaults in place. */
export type SettledGenerateOptions = SettledOptions<typeof generateOptions>;

/** How prompts are taken where they are texts. */
export const chatOptions = {
  chat: {
    type: "boolean",
    defaultHelp: "whether a prompt is a list of messages",
    help:
      "take prompts as messages of a chat, written out by the base model's chat template, and answer them",
  },
  rewardsRead: {
    type: "choice",
    of: ["answer", "chat"],
    placeholder: "what",
    defaultHelp: "answer",
    help:
      "what reward models read of a chat: the answer as a text of its own, or all as the template writes it out",
  },
} as const satisfies OptionTable;

/** Where texts end. */
export const stopOption = {
  stop: {
    type: "list",
    of: { type: "text" },
    placeholder: "text",
    help: "texts that end a continuation where they are written, and are no part of it",
  },
} as const satisfies OptionTable;

/** The same for `streamTexts`, which knows texts. */
export const streamTextsOptions = {
  ...commonOptions,
  ...chatOptions,
  ...stopOption,
} as const satisfies OptionTable;

/** What `streamTexts` takes. */
export type StreamTextsOptions = OptionsOf<typeof streamTextsOptions>;

/** The same for `generateTexts`. */
export const generateTextsOptions = {
  ...streamTextsOptions,
  ...logProbabilitiesOption,
  traces: {
    type: "boolean",
    default: true,
    flag: false,
    help: "token by token, for notebooks, what is shown of the texts",
  },
} as const satisfies OptionTable;

/** What `generateTexts` takes. */
export type GenerateTextsOptions = OptionsOf<typeof generateTextsOptions>;

/**
 * The options of a generation with the defaults in place.
 *
 * @param caller the function that was given them.
 * @throws {TypeError | RangeError} one sentence, for an option that cannot be.
 */
export function settledGeneration<const Table extends typeof commonOptions>(
  caller: string,
  table: Table,
  options: unknown,
): SettledOptions<Table> {
  const guides = (options as { guides?: unknown } | undefined)?.guides;
  const bare = Array.isArray(guides) ? guides.findIndex(rewardModelKind.is) : -1;
  if (bare >= 0) {
    throw new TypeError(
      `${caller}: 'guides[${bare}]' is a reward model by itself: give { model, steering: [{ label, beta }] }.`,
    );
  }
  return settle(caller, table, options);
}
