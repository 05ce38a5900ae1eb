import type { Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { checkArgument } from "../options/settle.ts";
import { textsKind } from "../options/texts_kind.ts";
import type { BaseModel } from "../bases/base_model.ts";
import { baseModelKind } from "../bases/base_model_kind.ts";
import { stepsOf } from "./generate.ts";
import {
  type GenerateOptions,
  generateOptions,
  settledGeneration,
  type StepTrace,
} from "./generate_options.ts";
import { TextWriter } from "./text_writer.ts";

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
  checkArgument("streamTexts", "base", baseModelKind, base);
  checkArgument("streamTexts", "tokenizer", tokenizerKind, tokenizer);
  checkArgument("streamTexts", "prompts", textsKind, prompts);
  const settled = settledGeneration("streamTexts", generateOptions, options);
  const ids = prompts.map((prompt) => tokenizer.encode(prompt));
  const { ends = base.ends } = settled;
  const texts = new Map<string, { writer: TextWriter; last: Omit<TextPiece, "text"> }>();
  for await (const step of stepsOf(base, ids, { stepsPerRun: 1, ...settled })) {
    for (const [row, { prompt, sample }] of step.rows.entries()) {
      if (ends.includes(step.tokens[row])) continue;
      const name = `${prompt} ${sample}`;
      const writer = texts.get(name)?.writer ?? new TextWriter(tokenizer, ids[prompt]);
      const last = { prompt, sample, step, row };
      texts.set(name, { writer, last });
      const text = writer.add(step.tokens[row]);
      if (text !== "") yield { ...last, text };
    }
  }
  for (const { writer, last } of texts.values()) {
    const text = writer.rest();
    if (text !== "") yield { ...last, text };
  }
}
