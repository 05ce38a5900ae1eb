import { steeringOptions } from "../decode/generate_options.ts";
import { rewardModelKind } from "../methods/reward_model_kind.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { signalOption } from "../options/signal_option.ts";

/** A reward model that requests can steer with. */
export const servedGuideOptions = {
  name: { type: "text", required: true, help: "what requests call it" },
  model: { ...rewardModelKind, required: true, help: "what can steer" },
} as const satisfies OptionTable;

/** A reward model that requests can steer with. */
export type ServedGuide = OptionsOf<typeof servedGuideOptions>;

/** A way to steer, as a request names it. */
export const requestedGuideOptions = {
  model: { type: "text", help: "what steers, by the name that the server has for it" },
  ...steeringOptions,
  label: { type: "text", help: steeringOptions.label.help },
} as const satisfies OptionTable;

/** What `serveModel` takes: what can steer, where it is, and how much is done at a time. */
export const serveModelOptions = {
  guides: {
    type: "list",
    of: { type: "options", of: servedGuideOptions },
    default: [],
    help: "what requests can steer with",
  },
  baseName: {
    type: "text",
    default: "base",
    flag: "name",
    help: "what requests call the model; with `+positive:20` behind it, it is steered",
  },
  rewardsRead: {
    type: "choice",
    of: ["answer", "chat"],
    default: "answer",
    placeholder: "what",
    help:
      "what reward models read of a chat: the answer as a text of its own, or all as the template writes it out",
  },
  topK: {
    type: "integer",
    min: 1,
    default: 20,
    help:
      "tokens that a step chooses from, and log-probabilities at most; a request may take fewer",
  },
  rows: {
    type: "integer",
    min: 1,
    default: 16,
    former: ["batchSize"],
    help: "texts that are written together",
  },
  queue: {
    type: "integer",
    min: 0,
    default: 64,
    help: "requests that wait while all rows are taken; more are answered with 429",
  },
  maxTexts: {
    type: "integer",
    min: 1,
    default: 128,
    help: "most texts that one request asks for",
  },
  maxPromptTokens: {
    type: "integer",
    min: 1,
    defaultHelp: "what fits into the models' contexts",
    help: "longest prompt, in tokens",
  },
  maxNewTokens: {
    type: "integer",
    min: 1,
    default: 1024,
    former: ["maxTokens"],
    help: "longest continuation, in tokens",
  },
  timeout: {
    type: "number",
    above: 0,
    max: 86_400,
    default: 300,
    help: "seconds after which a request ends, whether it waited or was written",
  },
  host: {
    type: "text",
    default: "127.0.0.1",
    help: "the address to listen at; one that other machines reach needs a key",
  },
  port: {
    type: "integer",
    min: 0,
    max: 65_535,
    default: 8000,
    help: "the port to listen at; 0 takes a free one",
  },
  key: {
    type: "text",
    flag: false,
    help: "what requests have to send as a bearer token",
  },
  signal: { ...signalOption, help: "ends the server" },
} as const satisfies OptionTable;

/** What `serveModel` takes. */
export type ServeModelOptions = OptionsOf<typeof serveModelOptions>;
