import type { Tokenizer } from "../data/tokenizer.ts";
import type { BaseModel } from "./base_model.ts";
import { type GenerateOptions, generateSteps, type StepTrace } from "./generate.ts";

/** A piece of a continuation that was just written. */
export interface TextPiece {
  /** Which prompt, and which of its samples. */
  readonly prompt: number;
  readonly sample: number;
  /** What follows the pieces before. A character of several tokens comes when it is whole, or the text is at its end. */
  readonly text: string;
  /** The step that wrote it; what it holds is valid until the next piece is asked for. */
  readonly step: StepTrace;
  /** The row of the step. */
  readonly row: number;
}

/**
 * Continues prompts given as text, piece by piece as the text is written; see `generate`. Leaving the loop ends the
 * generation.
 *
 * @throws what `generate` throws.
 */
export async function* streamTexts(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly string[],
  options: GenerateOptions = {},
): AsyncGenerator<TextPiece, void, undefined> {
  const ids = prompts.map((prompt) => tokenizer.encode(prompt));
  const ends = options.ends ?? [base.endOfText];
  /** Of every text the tokens so far, and a piece that waits for the rest of its last character. */
  const texts = new Map<string, { ids: number[]; length: number; waiting?: TextPiece }>();
  for await (
    const step of generateSteps(base, ids, { ...options, stepsPerRun: options.stepsPerRun ?? 1 })
  ) {
    for (const [row, { prompt, sample }] of step.rows.entries()) {
      if (ends.includes(step.tokens[row])) continue;
      const name = `${prompt} ${sample}`;
      const soFar = texts.get(name) ?? { ids: [], length: 0 };
      soFar.ids.push(step.tokens[row]);
      const whole = tokenizer.decode(soFar.ids);
      const piece = { prompt, sample, text: whole.slice(soFar.length), step, row };
      // the first bytes of a character decode to a replacement character until the others are there
      const isWhole = !whole.endsWith("\ufffd");
      const length = isWhole ? whole.length : soFar.length;
      texts.set(name, { ids: soFar.ids, length, waiting: isWhole ? undefined : piece });
      if (isWhole && piece.text !== "") yield piece;
    }
  }
  for (const { waiting } of texts.values()) if (waiting) yield waiting;
}
