import type { RowSettings } from "../decode/running_rows.ts";
import type { ReadPrompt } from "../decode/step.ts";
import { StopStrings } from "../decode/stop_strings.ts";
import { type TokenizedPrompt, tokenizedPrompts } from "../decode/text_prompts.ts";
import type { OptionTable, SettledOptions } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { wrongRequest } from "./api_error.ts";
import {
  chatFields,
  completionFields,
  meaningfulFields,
  type SentPrompt,
} from "./request_fields.ts";
import { longestTextOf, type Served, tokensBefore } from "./served.ts";
import { steeringOf } from "./steered_models.ts";

/** A prompt of a request. */
export type AskedPrompt = Pick<TokenizedPrompt, "ids" | "read">;

/** What a request asks for, whichever way it came. */
export interface Asked {
  /** The model as the request calls it. */
  readonly model: string;
  readonly prompts: readonly AskedPrompt[];
  readonly settings: RowSettings;
  /** Continuations of each prompt. */
  readonly samples: number;
  readonly seed: number;
  /** Longest continuation of each prompt. */
  readonly maxNewTokens: readonly number[];
  readonly stops: StopStrings;
  /** Tokens that end a text. */
  readonly ends: readonly number[];
  /** Of how many of the likeliest tokens log-probabilities are given; absent where none are. */
  readonly logprobs?: number;
  /** Whether log-probabilities name tokens by their ids. */
  readonly namesAsIds: boolean;
  readonly stream: boolean;
  readonly countsUsage: boolean;
}

/** Continuations where a request names no number, as OpenAI has it. */
const usualNewTokens = 16;

/** What a body for `/v1/completions` asks for. @throws {ApiError} one sentence, if it cannot be. */
export function askedCompletion(body: unknown, served: Served): Asked {
  const fields = settledFields("/v1/completions", completionFields, body);
  const { prompt, logprobs, return_tokens_as_token_ids: namesAsIds } = fields;
  const isOne = typeof prompt === "string" || typeof (prompt[0] ?? 0) === "number";
  const prompts = (isOne ? [prompt] : prompt) as readonly SentPrompt[];
  const tokenized = prompts.map((each) => tokenizedPrompt(each, served));
  const { max_tokens: most = usualNewTokens } = fields;
  return {
    ...askedOf(fields, tokenized, served, most),
    logprobs: checkedLogprobs("logprobs", logprobs, served),
    namesAsIds,
  };
}

/** What a body for `/v1/chat/completions` asks for. @throws {ApiError} one sentence, if it cannot be. */
export function askedChat(body: unknown, served: Served): Asked {
  const fields = settledFields("/v1/chat/completions", chatFields, body);
  const { logprobs, top_logprobs: top, max_tokens, max_completion_tokens } = fields;
  if (top !== undefined && !logprobs) {
    throw wrongRequest("'top_logprobs' are asked for without 'logprobs': set it to true.", {
      param: "top_logprobs",
    });
  }
  const messages = fields.messages.map(({ role, content }) => ({
    role,
    content: typeof content === "string" ? content : content.map(({ text }) => text).join(""),
  }));
  const { base, tokenizer, rewardsRead } = served;
  const [prompt] = refused(
    "messages",
    () => tokenizedPrompts(base, tokenizer, [messages], { rewardsRead }),
  );
  return {
    ...askedOf(fields, [prompt], served, max_completion_tokens ?? max_tokens),
    logprobs: logprobs ? checkedLogprobs("top_logprobs", top ?? 0, served) : undefined,
    namesAsIds: false,
  };
}

/** The fields of a body that mean something here. */
function settledFields<const Table extends OptionTable>(
  path: string,
  table: Table,
  body: unknown,
): SettledOptions<Table> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw wrongRequest(`${path} takes a JSON object.`);
  }
  const { fields, unsupported } = meaningfulFields(body);
  if (unsupported !== undefined) {
    throw wrongRequest(`'${unsupported}' is not supported here: leave it out.`, {
      param: unsupported,
      code: "unsupported_parameter",
    });
  }
  try {
    return settle(path, table, fields);
  } catch (error) {
    const { message } = error as Error;
    // the first thing in quotes is where it is wrong
    throw wrongRequest(message, { param: /'([^']*)'/.exec(message)?.[1] });
  }
}

function askedOf(
  fields: Omit<
    SettledOptions<typeof completionFields>,
    "prompt" | "logprobs" | "return_tokens_as_token_ids"
  >,
  prompts: readonly AskedPrompt[],
  served: Served,
  most: number | undefined,
): Omit<Asked, "logprobs" | "namesAsIds"> {
  const { base, tokenizer, baseName, maxTexts } = served;
  const { model = baseName, n: samples, top_k: topK = served.topK, stop } = fields;
  if (topK > served.topK) {
    throw wrongRequest(`'top_k' may be ${served.topK} at most here, not ${topK}.`, {
      param: "top_k",
    });
  }
  if (prompts.length * samples > maxTexts) {
    throw wrongRequest(
      `${
        prompts.length * samples
      } texts are asked for, and ${maxTexts} may be: ask in several requests.`,
      { param: prompts.length > 1 ? "prompt" : "n" },
    );
  }
  const stops = refused("stop", () => new StopStrings(tokenizer, [stop].flat()));
  return {
    model,
    prompts,
    settings: {
      strengths: steeringOf(served, model, fields.guides),
      topK,
      temperature: fields.temperature,
      topP: fields.top_p,
      minP: fields.min_p,
    },
    samples,
    seed: fields.seed ?? crypto.getRandomValues(new Uint32Array(1))[0],
    maxNewTokens: prompts.map(({ read }, i) => roomAfter(read, served, most, { prompt: i })),
    stops,
    ends: [...new Set([...base.ends, ...stops.ends])],
    stream: fields.stream,
    countsUsage: fields.stream_options?.include_usage ?? false,
  };
}

/** A prompt goes behind what the model reads before every text, such as BOS, unless its token ids begin with that. */
function tokenizedPrompt(prompt: SentPrompt, served: Served): AskedPrompt {
  const { base, tokenizer } = served;
  if (typeof prompt === "string") {
    return tokenizedPrompts(base, tokenizer, [prompt], {})[0];
  }
  const wrong = prompt.find((id) => id >= base.vocabulary);
  if (wrong !== undefined) {
    throw wrongRequest(
      `The prompt holds token ${wrong}, and the model's vocabulary has ${base.vocabulary} tokens: use its own tokenizer.`,
      { param: "prompt" },
    );
  }
  const before = base.begin([0]).slice(0, tokensBefore(base));
  const isBegun = before.length > 0 && before.every((id, i) => prompt[i] === id);
  const rated = isBegun ? prompt.slice(before.length) : prompt;
  return { ids: prompt, read: { base: base.begin(rated), rated } };
}

/** How many tokens may follow a prompt. @throws {ApiError} if it leaves no room for those that are asked for. */
function roomAfter(
  { base: read, rated }: ReadPrompt,
  served: Served,
  most: number | undefined,
  { prompt }: { prompt: number },
): number {
  const { maxNewTokens, maxPromptTokens = Infinity } = served;
  const length = Math.max(read.length - tokensBefore(served.base), rated.length);
  const longest = longestTextOf(served);
  const name = `Prompt ${prompt + 1}`;
  const fields = { code: "context_length_exceeded", param: "prompt" };
  if (length > maxPromptTokens) {
    throw wrongRequest(
      `${name} has ${length} tokens, and ${maxPromptTokens} may be: shorten it.`,
      fields,
    );
  }
  if (most !== undefined && most > maxNewTokens) {
    throw wrongRequest(`${most} new tokens are asked for, and ${maxNewTokens} may be.`, {
      param: "max_tokens",
    });
  }
  const room = longest - length;
  if (room < (most ?? 1)) {
    throw wrongRequest(
      `${name} has ${length} tokens, and with ${most ?? 1} new ones only ${
        Math.max(0, longest - (most ?? 1))
      } fit into the context: shorten it, or ask for fewer new tokens.`,
      fields,
    );
  }
  return most ?? Math.min(room, maxNewTokens);
}

function checkedLogprobs(
  param: string,
  count: number | undefined,
  { topK }: Served,
): number | undefined {
  if (count === undefined || count <= topK) return count;
  throw wrongRequest(
    `'${param}' may be ${topK} at most here, as many as a step chooses from, not ${count}.`,
    { param },
  );
}

/** What is made of a field. @throws {ApiError} with what is wrong with it. */
function refused<Made>(param: string, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw wrongRequest((error as Error).message, { param });
  }
}
