import type { OptionsOf, OptionTable } from "../options/option.ts";
import { seedOption } from "../options/seed_option.ts";
import { signalOption } from "../options/signal_option.ts";

/** The models of the small world, by their folders' names, in the order in which they are trained. */
export const worldModels = ["base", "rad", "arm-distilled", "arm-labels"] as const;
export type WorldModel = typeof worldModels[number];

const isOnStage = (value: unknown): value is (stage: string) => void => typeof value === "function";

/** What `trainWorldModels` takes. */
export const worldModelsOptions = {
  out: { type: "text", default: "runs/demo", placeholder: "dir", help: "folder for the models" },
  seed: seedOption,
  texts: {
    type: "integer",
    min: 1,
    default: 20_000,
    help: "texts of the small world to train on",
  },
  models: {
    type: "list",
    of: { type: "choice", of: worldModels },
    default: worldModels,
    help: "the models that are wanted; what these are trained from is trained as well",
  },
  signal: signalOption,
  onStage: {
    type: "value",
    is: isOnStage,
    what: "a function of a stage's name",
    help: "called as each stage begins",
  },
} as const satisfies OptionTable;

/** What `trainWorldModels` takes. */
export type WorldModelsOptions = OptionsOf<typeof worldModelsOptions>;
