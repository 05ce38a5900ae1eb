import type { AnswerForm, AnswerHead, FormSettings } from "./answer_form.ts";
import { leastLogprob } from "./completion_form.ts";
import type { NamedLogprob, TokenLogprobs } from "./token_logprobs.ts";

/** The form of `/v1/chat/completions`. */
export function chatForm({ tokenizer, logprobs: isAsked }: FormSettings): AnswerForm {
  const head = ({ id, created, model }: AnswerHead, object: string) => ({
    ...{ id, object, created, model },
  });
  const chunk = (first: AnswerHead) => head(first, "chat.completion.chunk");
  const named = ({ id, text, logprob }: NamedLogprob) => ({
    token: text,
    logprob: Math.max(logprob, leastLogprob),
    bytes: [...tokenizer.bytes?.(id) ?? new TextEncoder().encode(text)],
  });
  const written = (logprobs: readonly TokenLogprobs[]) =>
    isAsked
      ? {
        content: logprobs.map(({ taken, top }) => ({
          ...named(taken),
          top_logprobs: top.map(named),
        })),
        refusal: null,
      }
      : null;
  return {
    prefix: "chatcmpl",
    whole: (first, texts, usage) => ({
      ...head(first, "chat.completion"),
      choices: texts.map(({ index, text, logprobs, finish }) => ({
        index,
        message: { role: "assistant", content: text, refusal: null },
        logprobs: written(logprobs),
        finish_reason: finish,
      })),
      usage,
    }),
    begin: (first, index) => ({
      ...chunk(first),
      choices: [{
        index,
        delta: { role: "assistant", content: "" },
        logprobs: null,
        finish_reason: null,
      }],
    }),
    piece: (first, { index, text, logprobs, finish }) => ({
      ...chunk(first),
      choices: [{
        index,
        delta: text === "" ? {} : { content: text },
        logprobs: written(logprobs),
        finish_reason: finish ?? null,
      }],
    }),
    usage: (first, usage) => ({ ...chunk(first), choices: [], usage }),
  };
}
