import type { OptionsOf, OptionTable } from "../options/option.ts";
import { seedOption } from "../options/seed_option.ts";
import { measureOption } from "./sweep_options.ts";

/** What `sweepAreas` takes. */
export const sweepAreasOptions = {
  reference: { type: "text", required: true, help: "the system that the others are compared with" },
  measure: { ...measureOption, help: "the judge of the sweep, whose fluency is in nats" },
  better: {
    type: "choice",
    of: ["higher", "lower"],
    default: "higher",
    help: "whether a higher score is more control or a lower one",
  },
  seed: { ...seedOption, help: "seed of the resampling" },
} as const satisfies OptionTable;

/** What `sweepAreas` takes. */
export type SweepAreasOptions = OptionsOf<typeof sweepAreasOptions>;
