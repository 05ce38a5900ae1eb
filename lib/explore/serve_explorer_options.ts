import { chatOptions, steeringOptions } from "../decode/generate_options.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { signalOption } from "../options/signal_option.ts";
import { rewardModelKind } from "../methods/reward_model_kind.ts";

/** A reward model that can steer. */
export const explorerGuideOptions = {
  name: { type: "text", required: true, help: "what the page calls it" },
  model: { ...rewardModelKind, required: true, help: "what can steer" },
  steering: {
    type: "list",
    of: {
      type: "options",
      of: { ...steeringOptions, beta: { ...steeringOptions.beta, min: 0, max: 1000 } },
    },
    default: [],
    help: "how it steers when the page begins; without, it is there to be chosen",
  },
} as const satisfies OptionTable;

/** A reward model that the page can steer with. */
export type ExplorerGuide = OptionsOf<typeof explorerGuideOptions>;

/** What `serveExplorer` takes: what can steer, what the page begins with, where it is, and what ends it. */
export const serveExplorerOptions = {
  guides: {
    type: "list",
    of: { type: "options", of: explorerGuideOptions },
    default: [],
    help:
      "what can steer; where none steers as the page begins, the first does, towards its first label",
  },
  baseName: {
    type: "text",
    default: "the base model",
    flag: false,
    help: "what the page calls the base model",
  },
  prompt: {
    type: "text",
    default: "the film was",
    placeholder: "text",
    help: "prompt that the page begins with",
  },
  ...chatOptions,
  topK: {
    type: "integer",
    min: 1,
    max: 100,
    default: 20,
    former: ["k"],
    help: "candidates of a step that the page begins with",
  },
  temperature: {
    type: "number",
    min: 0,
    max: 2,
    default: 1,
    help: "temperature that the page begins with",
  },
  maxNewTokens: {
    type: "integer",
    min: 1,
    max: 200,
    default: 24,
    former: ["maxTokens"],
    help: "longest continuation that the page begins with, in tokens",
  },
  samples: {
    type: "integer",
    min: 1,
    max: 8,
    default: 1,
    former: ["n"],
    help: "continuations side by side that the page begins with",
  },
  seed: {
    type: "integer",
    min: 0,
    max: 999_999,
    default: 0,
    help: "seed that the page begins with",
  },
  port: {
    type: "integer",
    min: 0,
    max: 65_535,
    default: 8765,
    help: "where the page is on 127.0.0.1; 0 takes a free port",
  },
  signal: signalOption,
} as const satisfies OptionTable;

/** What `serveExplorer` takes. */
export type ServeExplorerOptions = OptionsOf<typeof serveExplorerOptions>;
