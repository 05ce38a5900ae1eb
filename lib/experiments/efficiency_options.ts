import type { OptionsOf, OptionTable } from "../options/option.ts";
import { seedOption } from "../options/seed_option.ts";
import { signalOption } from "../options/signal_option.ts";
import { type EfficiencyScale, efficiencySystems } from "./efficiency_scales.ts";

const isScale = (value: unknown): value is EfficiencyScale =>
  typeof value === "object" && value !== null && "shapes" in value && "rounds" in value;

/** What `measureEfficiency` takes. */
export const efficiencyOptions = {
  scale: {
    type: "value",
    is: isScale,
    what: "one of efficiencyScales, such as efficiencyScales.small",
    required: true,
    help: "the shapes of the models, and how often each is timed",
  },
  systems: {
    type: "list",
    of: { type: "choice", of: efficiencySystems },
    defaultHelp: "all, but PPLM at the paper's shapes, where it takes 20 GB",
    help: "systems to measure",
  },
  topK: {
    type: "list",
    of: {
      type: "either",
      of: [{ type: "choice", of: ["vocabulary"] }, { type: "integer", min: 1 }],
    },
    default: [1, 5, 10, 20, 40, 80, "vocabulary"],
    placeholder: "n",
    former: ["k", "rated"],
    help:
      'tokens that a step rates, or "vocabulary", for ARM only; systems that the paper does not time are measured at one k',
  },
  samples: {
    type: "integer",
    min: 1,
    default: 25,
    help: "texts of the batch: samples of one prompt",
  },
  promptTokens: { type: "integer", min: 1, default: 10, help: "tokens of the prompt" },
  maxNewTokens: {
    type: "integer",
    min: 1,
    default: 20,
    former: ["tokens", "newTokens"],
    help: "new tokens of each text",
  },
  rounds: {
    type: "integer",
    min: 1,
    defaultHelp: "fast systems more often than slow ones",
    help: "how often everything is timed",
  },
  seed: { ...seedOption, help: "seed of the weights and the prompt" },
  signal: signalOption,
} as const satisfies OptionTable;

/** What `measureEfficiency` takes. */
export type EfficiencyOptions = OptionsOf<typeof efficiencyOptions>;
