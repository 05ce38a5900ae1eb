import type { Tokenizer } from "../data/tokenizer.ts";
import type { BaseModel } from "./base_model.ts";
import { generate, type GenerateOptions } from "./generate.ts";

/** A prompt and its continuations. */
export interface GeneratedTexts {
  readonly prompt: string;
  /** Texts that follow the prompt; the prompt itself is not repeated. */
  readonly continuations: readonly string[];
}

/** What was generated, and what it cost. */
export interface TextGeneration {
  readonly texts: GeneratedTexts[];
  /** Token ids, `[prompt][sample][token]`. */
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly promptIds: readonly (readonly number[])[];
  readonly tokens: number;
  readonly backboneCalls: readonly number[];
}

/** Continues prompts given as text; see `generate`. */
export async function generateTexts(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly string[],
  options: GenerateOptions = {},
): Promise<TextGeneration> {
  const promptIds = prompts.map((prompt) => tokenizer.encode(prompt));
  const { continuations, tokens, backboneCalls } = await generate(base, promptIds, options);
  const texts = prompts.map((prompt, i) => ({
    prompt,
    continuations: continuations[i].map((ids) => tokenizer.decode(ids)),
  }));
  return { texts, ids: continuations, promptIds, tokens, backboneCalls };
}
