import type { BaseModel } from "../bases/base_model.ts";
import type { SettledGenerateOptions } from "../decode/generate_options.ts";
import type { ReadPrompt } from "../decode/step.ts";
import type { SettledDrawTextsOptions } from "./draw_texts_options.ts";

/** What whole texts are drawn with. */
export interface Writing {
  readonly base: BaseModel;
  readonly prompts: readonly ReadPrompt[];
  readonly settings: SettledDrawTextsOptions;
  /** How the base model by itself writes: with the same sampler, to the same ends. */
  readonly alone: SettledGenerateOptions;
  /** Whether a text ends after its last token, beside those that end texts by themselves. */
  isStopped(prompt: number, ids: readonly number[]): boolean;
  /** The rewards of texts so far, from 0 to 1. */
  rate(texts: readonly BegunText[]): Promise<number[]>;
}

/** A text, or its beginning: what follows a prompt so far. */
export interface BegunText {
  /** The place of its prompt. */
  readonly prompt: number;
  readonly ids: readonly number[];
}

/** The texts that were kept of one prompt. */
export interface KeptTexts {
  readonly prompt: number;
  /** Token ids of each, without the token that ended it. */
  readonly ids: readonly (readonly number[])[];
  /** The reward of each. */
  readonly rewards: readonly number[];
  /** An estimate of KL(q‖p) from the base model's sampler p, in nats a text. */
  readonly divergence: number;
  /** How many of them were taken, or a part of them was, because all tries were used up. */
  readonly exhausted: number;
}

/** What drawing took so far. */
export interface DrawingCost {
  /** Tokens that the base model drew. */
  drawn: number;
  /** Texts, and beginnings of texts, that were rated. */
  rated: number;
  /** Choices that had to be made because all tries were used up, and all choices. */
  ranOut: number;
  chosen: number;
}

/**
 * A way to draw whole texts, or segments of them, from a base model and to keep some.
 *
 * @returns the texts of each prompt, prompt by prompt in any order; it ends early where the signal comes.
 */
export type WholeTextWay = (
  writing: Writing,
  cost: DrawingCost,
) => AsyncGenerator<KeptTexts, void, undefined>;
