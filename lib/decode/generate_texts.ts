import type { Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { displayedAs } from "../notebook/display.ts";
import { checkArgument } from "../options/settle.ts";
import { textsKind } from "../options/texts_kind.ts";
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
import type { TextGeneration } from "./text_generation.ts";
import { type TokenTrace, tokenTrace } from "./token_trace.ts";

/**
 * Continues prompts given as text; see `generate`.
 *
 * @throws what `generate` throws.
 */
export async function generateTexts(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly string[],
  options: GenerateTextsOptions = {},
): Promise<TextGeneration> {
  checkArgument("generateTexts", "base", baseModelKind, base);
  checkArgument("generateTexts", "tokenizer", tokenizerKind, tokenizer);
  checkArgument("generateTexts", "prompts", textsKind, prompts);
  const { traces: isTraced, ...settled } = settledGeneration(
    "generateTexts",
    generateTextsOptions,
    options,
  );
  const promptIds = prompts.map((prompt) => tokenizer.encode(prompt));
  const traces: TokenTrace[][][] = prompts.slice(0, shown.prompts).map(() => []);
  const onStep = (step: StepTrace): void => {
    step.rows.forEach(({ prompt, sample }, row) => {
      if (prompt >= shown.prompts || sample >= shown.continuations) return;
      (traces[prompt][sample] ??= []).push(tokenTrace(step, row, tokenizer, settled));
    });
    settled.onStep?.(step);
  };
  const { continuations, finished, tokens, backboneCalls } = await generationOf(
    stepsOf(base, promptIds, isTraced ? { ...settled, onStep } : settled),
  );
  const texts = prompts.map((prompt, i) => ({
    prompt,
    continuations: continuations[i].map((ids) => continuationText(tokenizer, promptIds[i], ids)),
  }));
  const generation: TextGeneration = {
    texts,
    ids: continuations,
    promptIds,
    finished,
    tokens,
    backboneCalls,
    // a batch that was stopped leaves traces of texts that are none
    ...(isTraced ? { traces: traces.map((all, i) => all.slice(0, continuations[i].length)) } : {}),
  };
  return displayedAs(
    generation,
    () => generationDisplay(generation, tokenizer, settled.ends ?? base.ends),
  );
}
