import type { TextGeneration } from "../decode/text_generation.ts";
import { generateOptions } from "../decode/generate_options.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { seedOption } from "../options/seed_option.ts";
import { rewardModelKind } from "../methods/reward_model_kind.ts";

/** What the judges say of the continuations of one prompt. */
export interface PromptMeasurement {
  /** Attribute score of each continuation, in [0, 1]. */
  readonly scores: readonly number[];
  /** Anything the perplexity is computed from, one entry a continuation. */
  readonly fluency: readonly { readonly nll: number; readonly count: number }[];
}

const isMeasure = (
  value: unknown,
): value is (generation: TextGeneration) => Promise<PromptMeasurement[]> =>
  typeof value === "function";

const isPerplexity = (
  value: unknown,
): value is (fluency: readonly { nll: number; count: number }[]) => number =>
  typeof value === "function";

/** A way to steer, to be compared with others. */
const systemOptions = {
  name: { type: "text", required: true, help: "what tables and charts call it" },
  model: { ...rewardModelKind, required: true, help: "what steers" },
  steering: {
    type: "list",
    of: {
      type: "options",
      of: {
        label: { type: "text", required: true, help: "a label of the reward model" },
        inverse: { type: "boolean", default: false, help: "steer away from the label" },
      },
    },
    required: true,
    help: "the labels that steer; β comes from the sweep",
  },
} as const satisfies OptionTable;

/** The judge of a sweep. */
export const measureOption = {
  type: "value",
  is: isMeasure,
  what: "a function of a generation, such as worldJudge(world).measure",
  required: true,
  help: "judges a generation, prompt by prompt",
} as const;

/** What `sweep` takes. */
export const sweepOptions = {
  systems: {
    type: "list",
    of: { type: "options", of: systemOptions },
    required: true,
    help: "what is compared",
  },
  betas: {
    type: "list",
    of: { type: "number" },
    required: true,
    help: "strengths of each system; 0 is the base model alone",
  },
  topK: generateOptions.topK,
  samples: generateOptions.samples,
  maxNewTokens: generateOptions.maxNewTokens,
  batchSize: generateOptions.batchSize,
  seed: seedOption,
  measure: measureOption,
  perplexity: {
    type: "value",
    is: isPerplexity,
    what: "a function of what the judge says of fluency, such as worldJudge(world).perplexity",
    required: true,
    help: "makes the perplexities of continuations one number",
  },
} as const satisfies OptionTable;

/** What `sweep` takes. */
export type SweepOptions = OptionsOf<typeof sweepOptions>;
