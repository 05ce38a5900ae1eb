import type { OptionTable } from "../options/option.ts";
import { requestedGuideOptions } from "./serve_model_options.ts";

/** Fields that both kinds of requests have, with OpenAI's names; `top_k` and `min_p` are those of vLLM. */
const commonFields = {
  model: { type: "text", help: "what writes" },
  guides: {
    type: "list",
    of: { type: "options", of: requestedGuideOptions },
    default: [],
    help: "what steers",
  },
  max_tokens: { type: "integer", min: 1, help: "longest continuation, in tokens" },
  temperature: { type: "number", min: 0, max: 100, default: 1, help: "how boldly to draw" },
  top_p: { type: "number", min: 0, max: 1, default: 1, help: "probability of the nucleus" },
  top_k: { type: "integer", min: 1, help: "tokens that a step chooses from" },
  min_p: { type: "number", min: 0, max: 1, default: 0, help: "share of the likeliest's" },
  n: { type: "integer", min: 1, default: 1, help: "continuations of each prompt" },
  seed: { type: "integer", help: "seed of the samples" },
  stop: {
    type: "either",
    of: [{ type: "text" }, { type: "list", of: { type: "text" } }],
    default: [],
    help: "texts that end a continuation",
  },
  stream: { type: "boolean", default: false, help: "send the texts as they are written" },
  stream_options: {
    type: "options",
    of: {
      include_usage: { type: "boolean", default: false, help: "count tokens at the end" },
      include_obfuscation: { type: "boolean", default: false, help: "nothing is added" },
    },
    help: "how to send them",
  },
} as const satisfies OptionTable;

/** A prompt as it is sent: text, or token ids. */
export type SentPrompt = string | readonly number[];

const areIds = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((id) => Number.isSafeInteger(id) && id >= 0);

function isPrompt(value: unknown): value is SentPrompt | readonly SentPrompt[] {
  const isOne = (each: unknown) => typeof each === "string" || areIds(each);
  return isOne(value) || (Array.isArray(value) && value.every(isOne));
}

/** The body of `POST /v1/completions`. */
export const completionFields = {
  ...commonFields,
  prompt: {
    type: "value",
    is: isPrompt,
    what: "a text, the token ids of one, or a list of either",
    required: true,
    help: "what is continued",
  },
  logprobs: { type: "integer", min: 0, help: "log-probabilities of the likeliest tokens" },
  return_tokens_as_token_ids: { type: "boolean", default: false, help: "name tokens by ids" },
} as const satisfies OptionTable;

const textPart = {
  type: { type: "choice", of: ["text"], required: true, help: "what it is" },
  text: { type: "text", required: true, help: "what is said" },
} as const satisfies OptionTable;

/** The body of `POST /v1/chat/completions`. */
export const chatFields = {
  ...commonFields,
  max_completion_tokens: { type: "integer", min: 1, help: "longest answer, in tokens" },
  messages: {
    type: "list",
    of: {
      type: "options",
      of: {
        role: { type: "text", required: true, help: "who says it" },
        content: {
          type: "either",
          of: [{ type: "text" }, { type: "list", of: { type: "options", of: textPart } }],
          required: true,
          help: "what is said",
        },
      },
    },
    empty: false,
    required: true,
    help: "what is answered",
  },
  logprobs: { type: "boolean", default: false, help: "whether to give log-probabilities" },
  top_logprobs: { type: "integer", min: 0, help: "those of so many of the likeliest tokens" },
} as const satisfies OptionTable;

/** Fields that change nothing here with these values, which some clients send; with others they are not supported. */
const neutral: Readonly<Record<string, readonly unknown[]>> = {
  best_of: [1],
  echo: [false],
  suffix: [""],
  presence_penalty: [0],
  frequency_penalty: [0],
  logit_bias: [{}],
  response_format: [{ type: "text" }],
  tools: [[]],
  functions: [[]],
  tool_choice: ["none", "auto"],
  function_call: ["none", "auto"],
  parallel_tool_calls: [true, false],
  modalities: [["text"]],
  store: [false],
  service_tier: ["auto", "default"],
};

/** Fields that say something of the client, which changes no text. */
const ofClient = ["user", "metadata", "safety_identifier", "prompt_cache_key"];

/** What is left of a body without that, and without fields that are null, which are not given. */
export function meaningfulFields(body: object): {
  fields: Record<string, unknown>;
  /** A field that is known, and not supported with its value. */
  unsupported?: string;
} {
  const fields = withoutNull(body) as Record<string, unknown>;
  for (const name of ofClient) delete fields[name];
  for (const [name, values] of Object.entries(neutral)) {
    if (!Object.hasOwn(fields, name)) continue;
    const value = JSON.stringify(fields[name]);
    if (!values.some((each) => JSON.stringify(each) === value)) {
      return { fields, unsupported: name };
    }
    delete fields[name];
  }
  return { fields };
}

function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== null).map(([name, each]) => [
      name,
      withoutNull(each),
    ]),
  );
}
