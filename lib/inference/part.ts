import type { LayerCache } from "../models/backbone.ts";
import type { Past } from "../models/step.ts";
import type { Tensor } from "../graph/tensor.ts";

type Float = Tensor<"float32">;

/** Keys and values of one block that are carried from step to step: `[batch, heads, columns, size]` each. */
export interface CacheShape {
  readonly heads: number;
  readonly size: number;
}

/** A number or a few a row that a model carries from step to step: `[batch, …shape]`, all zeros at first. */
export interface Running {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What one step of a model is given. */
export interface StepInputs {
  /** The tokens to read after those read before, `[batch, time]`: a prompt, or one token. */
  readonly ids: Tensor<"int64">;
  /** What was read before: keys and values in the order of `Part.caches`, and the padding of each row. */
  readonly past: Past;
  /** What `Part.running` names, as the step before left it. */
  readonly running: Readonly<Record<string, Float>>;
}

/** What one step of a model carries on. */
export interface StepState {
  /** `past.fresh` with the tokens of this step behind it, in the order of `Part.caches`. */
  readonly fresh: readonly LayerCache[];
  readonly running: Readonly<Record<string, Float>>;
}

/**
 * A model's step as part of a graph, so that several models and the choice of the next token can be one graph. A
 * part holds no values: it is built into a graph, and what it carries is fed.
 */
export interface Part {
  /** One entry a block, for all the backbones it has. */
  readonly caches: readonly CacheShape[];
  readonly running: readonly Running[];
  /** Most tokens that it reads of a text, with what `begin` puts before it. */
  readonly context: number;
  /** What is read before the first step: the prompt, and BOS where the model wants it. Never empty. */
  begin(prompt: readonly number[]): readonly number[];
}

/** What a base model's step computes. */
export interface BaseStep extends StepState {
  /** Logits `[batch, vocab]` after the last token read. */
  readonly logits: Float;
  /** The hidden states of the tokens that were read, above so many blocks; of all, after the final norm. `[batch·time, d]`. */
  statesAbove(blocks: number): Float;
}

/** The part of a base model: it gives the logits of the next token. */
export interface BasePart extends Part {
  logits(inputs: StepInputs): BaseStep;
  /** The same of candidates `[batch, k]` only, `[batch, k]`, where that is less work. */
  candidateLogits?(
    inputs: StepInputs,
    candidates: Tensor<"int64">,
  ): StepState & { logits: Float };
}

/** The part of a model that rates every next token from what it has read. */
export interface RaterPart extends Part {
  /**
   * Where it stands on the base model: above how many of its blocks. It then reads their hidden states, and of its own inputs
   * what was read before. Default: it reads tokens.
   */
  readonly trunk?: number;
  /** Tokens that go through its backbones for one step of one text; of a part of a backbone's blocks, their share. */
  readonly backboneCalls: number;
  /**
   * Scores `[batch, labels, k]` of the candidates `[batch, k]` for the token after the last one read, or
   * `[batch, labels, vocab]` of all tokens in their order where none are given.
   *
   * @param states the base model's hidden states, `[batch·time, d]`, where it stands on its trunk.
   */
  rate(
    inputs: StepInputs,
    candidates: Tensor<"int64"> | undefined,
    states?: Float,
  ): StepState & { scores: Float };
}
