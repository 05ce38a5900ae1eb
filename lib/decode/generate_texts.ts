import type { Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { displayedAs } from "../notebook/display.ts";
import { checkArgument } from "../options/settle.ts";
import type { BaseModel } from "../bases/base_model.ts";
import { baseModelKind } from "../bases/base_model_kind.ts";
import { continuationText } from "./continuation_text.ts";
import { generationOf, stepsOf } from "./generate.ts";
import {
  type GenerateTextsOptions,
  generateTextsOptions,
  settledGeneration,
  type StepTrace,
} from "./generate_options.ts";
import { generationDisplay, shown } from "./generation_display.ts";
import { StopStrings } from "./stop_strings.ts";
import { checkPrompts, type TextPrompt, tokenizedPrompts } from "./text_prompts.ts";
import type { TextGeneration } from "./text_generation.ts";
import { type TokenTrace, tokenTrace } from "./token_trace.ts";

/**
 * Continues prompts given as text, or answers those of a chat; see `generate`.
 *
 * @param prompts texts, or lists of messages `{role, content}`; with `chat` a text is the message of a user.
 * @throws what `generate` throws.
 * @throws {TypeError} one sentence, if a chat is asked for and there is no chat template, or it refuses the messages.
 */
export async function generateTexts(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly TextPrompt[],
  options: GenerateTextsOptions = {},
): Promise<TextGeneration> {
  checkArgument("generateTexts", "base", baseModelKind, base);
  checkArgument("generateTexts", "tokenizer", tokenizerKind, tokenizer);
  checkPrompts("generateTexts", prompts);
  const { traces: isTraced, stop, ...given } = settledGeneration(
    "generateTexts",
    generateTextsOptions,
    options,
  );
  const tokenized = tokenizedPrompts(base, tokenizer, prompts, given);
  const promptIds = tokenized.map(({ ids }) => ids);
  const stops = new StopStrings(tokenizer, stop);
  const ends = [...new Set([...given.ends ?? base.ends, ...stops.ends])];
  const settled = { ...given, ends };
  const traces: TokenTrace[][][] = prompts.slice(0, shown.prompts).map(() => []);
  const onStep = (step: StepTrace): void => {
    step.rows.forEach(({ prompt, sample }, row) => {
      if (prompt >= shown.prompts || sample >= shown.continuations) return;
      (traces[prompt][sample] ??= []).push(tokenTrace(step, row, tokenizer, settled));
    });
    settled.onStep?.(step);
  };
  const { continuations, ...numbers } = await generationOf(
    stepsOf(
      base,
      tokenized.map(({ read }) => read),
      isTraced ? { ...settled, onStep } : settled,
      (prompt, ids) => stops.isCompletedBy(promptIds[prompt], ids),
    ),
  );
  const texts = tokenized.map(({ text: prompt, messages, ids: promptIds }, i) => ({
    prompt,
    ...(messages ? { messages } : {}),
    continuations: continuations[i].map((ids) =>
      stops.cut(continuationText(tokenizer, promptIds, ids))
    ),
  }));
  const generation: TextGeneration = {
    texts,
    ids: continuations,
    promptIds,
    ...numbers,
    // a batch that was stopped leaves traces of texts that are none
    ...(isTraced ? { traces: traces.map((all, i) => all.slice(0, continuations[i].length)) } : {}),
  };
  return displayedAs(
    generation,
    () => generationDisplay(generation, tokenizer, ends),
  );
}
