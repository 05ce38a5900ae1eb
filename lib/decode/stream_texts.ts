import type { Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { checkArgument } from "../options/settle.ts";
import type { BaseModel } from "../bases/base_model.ts";
import { baseModelKind } from "../bases/base_model_kind.ts";
import { stepsOf } from "./generate.ts";
import {
  settledGeneration,
  type StepTrace,
  type StreamTextsOptions,
  streamTextsOptions,
} from "./generate_options.ts";
import { StopStrings } from "./stop_strings.ts";
import { StreamedText } from "./streamed_text.ts";
import { checkPrompts, type TextPrompt, tokenizedPrompts } from "./text_prompts.ts";
import { TextWriter } from "./text_writer.ts";

/** A piece of a continuation that was just written. */
export interface TextPiece {
  /** Which prompt, and which of its samples. */
  readonly prompt: number;
  readonly sample: number;
  /**
   * What follows the pieces before. A character of several tokens, and what may be the beginning of a stop string, comes when it
   * is whole, or the text is at its end.
   */
  readonly text: string;
  /** The step that wrote it; what it holds is valid until the next piece is asked for. */
  readonly step: StepTrace;
  /** The row of the step. */
  readonly row: number;
}

/**
 * Continues prompts given as text, or answers those of a chat, piece by piece as the text is written; see `generate`. Leaving
 * the loop ends the generation.
 *
 * @throws what `generateTexts` throws.
 */
export async function* streamTexts(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly TextPrompt[],
  options: StreamTextsOptions = {},
): AsyncGenerator<TextPiece, void, undefined> {
  checkArgument("streamTexts", "base", baseModelKind, base);
  checkArgument("streamTexts", "tokenizer", tokenizerKind, tokenizer);
  checkPrompts("streamTexts", prompts);
  const { stop, ...given } = settledGeneration("streamTexts", streamTextsOptions, options);
  const tokenized = tokenizedPrompts(base, tokenizer, prompts, given);
  const stops = new StopStrings(tokenizer, stop);
  const ends = [...new Set([...given.ends ?? base.ends, ...stops.ends])];
  const texts = new Map<string, { writing: StreamedText; last: Omit<TextPiece, "text"> }>();
  const steps = stepsOf(
    base,
    tokenized.map(({ read }) => read),
    { stepsPerRun: 1, ...given, ends, logProbabilities: false },
    (prompt, ids) => stops.isCompletedBy(tokenized[prompt].ids, ids),
  );
  for await (const step of steps) {
    for (const [row, { prompt, sample }] of step.rows.entries()) {
      if (ends.includes(step.tokens[row])) continue;
      const name = `${prompt} ${sample}`;
      const writing = texts.get(name)?.writing ??
        new StreamedText(new TextWriter(tokenizer, tokenized[prompt].ids), stops);
      const last = { prompt, sample, step, row };
      texts.set(name, { writing, last });
      const text = writing.add(step.tokens[row]);
      if (text !== "") yield { ...last, text };
    }
  }
  for (const { writing, last } of texts.values()) {
    const text = writing.rest();
    if (text !== "") yield { ...last, text };
  }
}
