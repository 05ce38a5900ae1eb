import { Random } from "../random.ts";
import type { AnswerForm, AnswerHead, Usage } from "./answer_form.ts";
import { apiErrorOf, errorBody } from "./api_error.ts";
import type { Asked } from "./asked.ts";
import { type ChoicePiece, ChoiceText } from "./choice_text.ts";
import { Mailbox } from "./mailbox.ts";
import type { Scheduler, WantedText } from "./scheduler.ts";
import type { Served } from "./served.ts";

/** What answers are written with. */
export interface Writing {
  readonly served: Served;
  readonly scheduler: Scheduler;
  readonly form: AnswerForm;
}

/** The answer with all texts, when they are written. @throws what `Scheduler.write` throws. */
export async function wholeAnswer(
  asked: Asked,
  { served, scheduler, form }: Writing,
  signal: AbortSignal,
): Promise<unknown> {
  const pieces: ChoicePiece[] = [];
  const texts = choiceTexts(asked, served, (piece) => pieces[piece.index] = piece);
  await scheduler.write(wantedTexts(asked, texts), signal);
  return form.whole(headOf(asked, form), pieces, usageOf(asked, texts));
}

/**
 * The answer as it is written, one object after the other. A text that nobody reads on is written all the same: what is
 * not read waits.
 *
 * @throws {ApiError} at once, if there is no room for the request.
 */
export function streamedAnswer(
  asked: Asked,
  { served, scheduler, form }: Writing,
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  const pieces = new Mailbox<ChoicePiece>();
  const texts = choiceTexts(asked, served, (piece) => pieces.put(piece));
  scheduler.write(wantedTexts(asked, texts), signal)
    .then(() => pieces.end(), (error) => pieces.end({ error }));
  return objects();

  async function* objects() {
    const head = headOf(asked, form);
    const begun = new Set<number>();
    try {
      for await (const piece of pieces.items()) {
        if (form.begin && !begun.has(piece.index)) yield form.begin(head, piece.index);
        begun.add(piece.index);
        yield form.piece(head, piece);
      }
    } catch (error) {
      yield errorBody(apiErrorOf(error));
      return;
    }
    if (asked.countsUsage) yield form.usage(head, usageOf(asked, texts));
  }
}

/** The texts of a request, prompt after prompt. */
function choiceTexts(
  asked: Asked,
  { tokenizer }: Served,
  give: (piece: ChoicePiece) => void,
): ChoiceText[] {
  const { prompts, samples } = asked;
  return prompts.flatMap((_, prompt) =>
    Array.from(
      { length: samples },
      (_, sample) => new ChoiceText(asked, tokenizer, prompt, prompt * samples + sample, give),
    )
  );
}

/** What the scheduler is to write. Each text has the stream of random numbers that `generate` gives it. */
function wantedTexts(
  { prompts, samples, seed, settings }: Asked,
  texts: readonly ChoiceText[],
): WantedText[] {
  return prompts.map(({ read }, i) => ({
    prompt: read,
    settings,
    streams: Array.from({ length: samples }, (_, sample) => new Random(seed, "noise", i, sample)),
    took: (sample, choice) => texts[i * samples + sample].took(choice),
  }));
}

function headOf({ model }: Asked, { prefix }: AnswerForm): AnswerHead {
  return {
    id: `${prefix}-${crypto.randomUUID().replaceAll("-", "")}`,
    created: Math.floor(Date.now() / 1000),
    model,
  };
}

function usageOf({ prompts }: Asked, texts: readonly ChoiceText[]): Usage {
  const read = prompts.reduce((sum, { read }) => sum + read.base.length, 0);
  const written = texts.reduce((sum, { tokens }) => sum + tokens, 0);
  return {
    prompt_tokens: read,
    completion_tokens: written,
    total_tokens: read + written,
  };
}
