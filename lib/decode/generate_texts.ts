import type { Tokenizer } from "../data/tokenizer.ts";
import { displayedAs } from "../notebook/display.ts";
import type { BaseModel } from "./base_model.ts";
import { generate, type GenerateOptions, type StepTrace } from "./generate.ts";
import { generationDisplay, shown } from "./generation_display.ts";
import type { TextGeneration } from "./text_generation.ts";
import { type TokenTrace, tokenTrace } from "./token_trace.ts";

export interface GenerateTextsOptions extends GenerateOptions {
  /** Whether what is shown of the texts is traced token by token, for notebooks. Default true. */
  traces?: boolean;
}

/** Continues prompts given as text; see `generate`. */
export async function generateTexts(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly string[],
  { traces: isTraced = true, ...options }: GenerateTextsOptions = {},
): Promise<TextGeneration> {
  const promptIds = prompts.map((prompt) => tokenizer.encode(prompt));
  const traces: TokenTrace[][][] = prompts.slice(0, shown.prompts).map(() => []);
  const onStep = (step: StepTrace): void => {
    step.rows.forEach(({ prompt, sample }, row) => {
      if (prompt >= shown.prompts || sample >= shown.continuations) return;
      (traces[prompt][sample] ??= []).push(tokenTrace(step, row, tokenizer, options));
    });
    options.onStep?.(step);
  };
  const { continuations, finished, tokens, backboneCalls } = await generate(
    base,
    promptIds,
    isTraced ? { ...options, onStep } : options,
  );
  const texts = prompts.map((prompt, i) => ({
    prompt,
    continuations: continuations[i].map((ids) => tokenizer.decode(ids)),
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
  return displayedAs(generation, () => generationDisplay(generation, tokenizer));
}
