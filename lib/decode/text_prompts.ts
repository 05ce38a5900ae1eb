import type { BaseModel } from "../bases/base_model.ts";
import { type ChatMessage, chatMessageOptions } from "../chat/chat_message.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import type { RewardModel } from "../methods/reward_model.ts";
import type { Kind, OptionsOf } from "../options/option.ts";
import { checkArgument } from "../options/settle.ts";
import { readPrompts } from "./generate.ts";
import type { chatOptions } from "./generate_options.ts";
import type { ReadPrompt } from "./step.ts";

/** A prompt: a text that goes on, or the messages of a chat, which is answered. */
export type TextPrompt = string | readonly ChatMessage[];

const isPrompt = (value: unknown): value is TextPrompt =>
  typeof value === "string" || Array.isArray(value);

const promptsKind = {
  type: "list",
  of: { type: "value", is: isPrompt, what: "a text or the messages of a chat" },
} as const satisfies Kind;

const messagesKind = {
  type: "list",
  of: { type: "options", of: chatMessageOptions },
  empty: false,
} as const satisfies Kind;

/** Checks prompts that `caller` was given. @throws {TypeError | RangeError} one sentence, if they are none. */
export function checkPrompts(
  caller: string,
  prompts: unknown,
): asserts prompts is readonly TextPrompt[] {
  checkArgument(caller, "prompts", promptsKind, prompts);
  for (const [i, prompt] of prompts.entries()) {
    if (typeof prompt !== "string") checkArgument(caller, `prompts[${i}]`, messagesKind, prompt);
  }
}

/** A prompt with its tokens. */
export interface TokenizedPrompt {
  /** What it is called: the text, or the last message. */
  readonly text: string;
  /** All messages, where they were given. */
  readonly messages?: readonly ChatMessage[];
  /** The tokens that the continuation follows. */
  readonly ids: readonly number[];
  readonly read: ReadPrompt;
}

/**
 * The tokens of prompts. Those of a chat are written out by the model's own template, and read from their first token on as
 * that has them, with no BOS that it does not write.
 *
 * @throws {TypeError} one sentence, if there is no chat template, it refuses the messages, the base model cannot be
 *   sent them, or a reward model that reads what the base model reads is to read the answer alone.
 */
export function tokenizedPrompts(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly TextPrompt[],
  { chat, rewardsRead, guides = [] }: OptionsOf<typeof chatOptions> & {
    readonly guides?: readonly { readonly model: Pick<RewardModel, "trunk"> }[];
  },
): TokenizedPrompt[] {
  const isChat = chat ?? prompts.some((prompt) => typeof prompt !== "string");
  if (!isChat) {
    if (rewardsRead !== undefined) {
      throw new TypeError(
        "'rewardsRead' says what is read of a chat: set 'chat', or leave it out.",
      );
    }
    return prompts.map((prompt) => {
      if (typeof prompt !== "string") {
        throw new TypeError("Messages are a chat: leave 'chat' out, or set it to true.");
      }
      const ids = tokenizer.encode(prompt);
      return { text: prompt, ids, read: readPrompts(base, [ids])[0] };
    });
  }
  if (rewardsRead === "answer" && guides.some(({ model }) => model.trunk)) {
    throw new TypeError(
      "A reward model on the trunk of the base model reads the whole chat, as that does: leave 'rewardsRead' out, or write it as a " +
        "model of its own with `deno task merge` (mergeAdapter).",
    );
  }
  if (base.refusals?.chat !== undefined) throw new TypeError(base.refusals.chat);
  const { chatTemplate, bos } = tokenizer;
  if (!chatTemplate) {
    throw new TypeError(
      "The base model's tokenizer has no chat template to write prompts out with: name a model that was trained to " +
        "answer, or leave 'chat' out.",
    );
  }
  return prompts.map((prompt) => {
    const messages = typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;
    const ids = tokenizer.encode(chatTemplate.render(messages));
    if (ids.length === 0) throw new TypeError("The chat template makes nothing of the messages.");
    // a reward model puts its own BOS before what it reads
    const whole = ids[0] === bos ? ids.slice(1) : ids;
    return {
      text: messages.at(-1)!.content,
      ...(typeof prompt === "string" ? {} : { messages: prompt }),
      ids,
      read: { base: ids, rated: rewardsRead === "chat" ? whole : [] },
    };
  });
}
