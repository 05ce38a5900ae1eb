import type { OptionsOf, OptionTable } from "../options/option.ts";
import { sweepOptions } from "./sweep_options.ts";
import { worldModelsOptions } from "./world_models_options.ts";

/** What `runWorldDemo` takes. */
export const worldDemoOptions = {
  out: { ...worldModelsOptions.out, help: "folder for models, table and chart" },
  seed: worldModelsOptions.seed,
  texts: worldModelsOptions.texts,
  prompts: { type: "integer", min: 1, default: 100, help: "prompts to continue" },
  samples: { ...sweepOptions.samples, default: 10 },
  betas: {
    type: "list",
    of: { type: "number" },
    default: [0, 5, 10, 20, 40],
    placeholder: "x",
    help: "strengths of guidance",
  },
  onStage: worldModelsOptions.onStage,
} as const satisfies OptionTable;

/** What `runWorldDemo` takes. */
export type WorldDemoOptions = OptionsOf<typeof worldDemoOptions>;
