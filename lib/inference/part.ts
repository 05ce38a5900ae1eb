import type { Dim, Shape } from "../graph/dim.ts";
import type { Tensor } from "../graph/tensor.ts";

type Float = Tensor<"float32">;

/** A tensor that a model hands from one step to the next, rows first: keys and values, or a running sum. */
export interface Carried {
  readonly name: string;
  /** Its shape for `batch` rows that have read `past` columns. Before the first step it is all zeros. */
  readonly shape: (batch: Dim, past: Dim) => Shape;
}

/** What one step of a model is given. */
export interface StepInputs {
  /** The tokens to read after those read before, `[batch, time]`: a prompt, or one token. */
  readonly ids: Tensor<"int64">;
  /** Columns of padding before each text, int64 `[batch]`. */
  readonly padding: Tensor<"int64">;
  /** The carried tensors, by name, for `past` columns. */
  readonly carried: Readonly<Record<string, Float>>;
  /** The number of columns read before; its name is an extent of the graph's inputs. */
  readonly past: Dim;
}

/**
 * A model's step as part of a graph, so that several models and the choice of the next token can be one graph. A
 * part holds no values: it is built into a graph, and what it carries is fed.
 */
export interface Part {
  readonly carried: readonly Carried[];
  /** What is read before the first step: the prompt, and BOS where the model wants it. */
  begin(prompt: readonly number[]): readonly number[];
}

/** The part of a base model: it gives the logits of the next token. */
export interface BasePart extends Part {
  /** Logits `[batch, vocab]` after the last token read, and what is carried on, by name. */
  logits(inputs: StepInputs): { logits: Float; carried: Record<string, Float> };
}

/** The part of a model that rates every next token from what it has read. */
export interface RaterPart extends Part {
  /** Texts that go through its backbones for one step of one text. */
  readonly backboneCalls: number;
  /**
   * Scores `[batch, labels, k]` of the candidates `[batch, k]` for the token after the last one read, or
   * `[batch, labels, vocab]` of all tokens in their order where none are given; and what is carried on.
   */
  rate(
    inputs: StepInputs,
    candidates: Tensor<"int64"> | undefined,
  ): { scores: Float; carried: Record<string, Float> };
}
