import type { AnswerForm, AnswerHead, FormSettings } from "./answer_form.ts";
import type { ChoicePiece } from "./choice_text.ts";
import type { NamedLogprob, TokenLogprobs } from "./token_logprobs.ts";

/** What OpenAI writes where a token has no probability. */
export const leastLogprob = -9999;

/** The form of `/v1/completions`. */
export function completionForm(settings: FormSettings): AnswerForm {
  const offsets = new Map<number, number>();
  const object = "text_completion";
  const head = ({ id, created, model }: AnswerHead) => ({ id, object, created, model });
  const choice = ({ index, text, logprobs, finish }: ChoicePiece) => ({
    index,
    text,
    logprobs: settings.logprobs ? written(logprobs, index) : null,
    finish_reason: finish ?? null,
  });
  return {
    prefix: "cmpl",
    whole: (first, texts, usage) => ({ ...head(first), choices: texts.map(choice), usage }),
    piece: (first, piece) => ({ ...head(first), choices: [choice(piece)] }),
    usage: (first, usage) => ({ ...head(first), choices: [], usage }),
  };

  function written(logprobs: readonly TokenLogprobs[], index: number) {
    const name = nameOf(settings);
    let offset = offsets.get(index) ?? 0;
    const places = logprobs.map(({ taken: { text } }) => {
      offset += text.length;
      return offset - text.length;
    });
    offsets.set(index, offset);
    const finite = (logprob: number) => Math.max(logprob, leastLogprob);
    return {
      tokens: logprobs.map(({ taken }) => name(taken)),
      token_logprobs: logprobs.map(({ taken }) => finite(taken.logprob)),
      // of tokens with one name the likelier comes first, and stays
      top_logprobs: logprobs.map(({ top }) =>
        Object.fromEntries(
          [...top].reverse().map((each) => [name(each), finite(each.logprob)]),
        )
      ),
      text_offset: places,
    };
  }
}

/** What tokens are called: their text, the bytes of a part of a character, or their id. */
function nameOf({ tokenizer, namesAsIds }: FormSettings): (token: NamedLogprob) => string {
  return ({ id, text }) => {
    if (namesAsIds) return `token_id:${id}`;
    const bytes = text.includes("\ufffd") ? tokenizer.bytes?.(id) : undefined;
    if (!bytes) return text;
    return `bytes:${
      Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")
    }`;
  };
}
