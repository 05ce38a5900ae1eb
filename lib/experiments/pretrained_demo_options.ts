import type { OptionsOf, OptionTable } from "../options/option.ts";
import { pretrainedModelsOptions } from "./pretrained_models_options.ts";

/** What `runPretrainedDemo` takes. */
export const pretrainedDemoOptions = {
  prompt: {
    type: "text",
    default: "My new boss is",
    placeholder: "text",
    help: "the prompt that is continued unsteered and steered",
  },
  beta: { type: "number", above: 0, default: 15, help: "strength of guidance" },
  samples: { type: "integer", min: 1, default: 3, help: "continuations of the prompt" },
  ...pretrainedModelsOptions,
  out: { ...pretrainedModelsOptions.out, help: "folder for models, table and chart" },
} as const satisfies OptionTable;

/** What `runPretrainedDemo` takes. */
export type PretrainedDemoOptions = OptionsOf<typeof pretrainedDemoOptions>;
