import type { Tensor } from "../graph/tensor.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import type { Random } from "../random.ts";
import type { Value } from "../runtime/value.ts";

/** One text to learn from. */
export interface Example {
  /** Its tokens, without BOS or end of text. */
  readonly ids: ArrayLike<number>;
  /** The token that is read before them in place of BOS, and not learned. Default: BOS is, where a model reads it. */
  readonly before?: number;
  /** Its labels in [0, 1]; empty for language models. */
  readonly labels: ArrayLike<number>;
  /** Whether the text goes on after these tokens, so that its end is not to be learned. Default false. */
  readonly goesOn?: boolean;
  /** How many of its first tokens are given, such as a control code or a prompt, and not to be predicted. Default 0. */
  readonly given?: number;
  /** The text that this one is preferred to, where pairs are learnt from: both have the same given tokens. */
  readonly rejected?: Example;
}

/** What is computed at once: a whole batch, or a part of one where gradients are accumulated. */
export interface Part {
  readonly examples: readonly Example[];
  /** Texts of the whole batch, and its tokens that are not given, by which the loss is normalized. */
  readonly rows: number;
  readonly tokens: number;
  /** The step's stream of random numbers; parts of a batch draw from it one after the other. */
  readonly random: Random;
}

/** What a model is trained to do: the graph of its loss, and what that graph is fed. */
export interface Objective {
  /** All parameters of the model. */
  readonly shapes: ParameterShapes;
  /** Parameters that stay as they are. */
  readonly frozen: ReadonlySet<string>;
  /** What steps of parameters are multiplied by, by name. Default: 1 for all. */
  readonly stepFactors?: ReadonlyMap<string, number>;
  /** The loss, and the terms it is made of, to be reported by name. All have shape `[]`. */
  loss(
    parameters: Parameters,
  ): { loss: Tensor<"float32">; terms: Record<string, Tensor<"float32">> };
  /** The inputs of that graph, beside the parameters. Values on a device are the caller's to dispose. */
  feeds(part: Part): Promise<Record<string, Value>>;
  /**
   * The losses, by the same names, of a prediction that is the same for all texts: the mean of the labels, or how often
   * each token occurs, in the training texts. A model has learnt something if its losses are lower. Default: none is known.
   *
   * @param evaluation the texts to predict, in parts.
   * @param read copies a value of float32 to memory, from wherever it is.
   */
  constantLosses?(
    training: readonly Example[],
    evaluation: readonly Part[],
    read: (value: Value) => Promise<Float32Array>,
  ): Promise<Record<string, number>>;
}

/** The texts of examples: of a pair both, one after the other. */
export function textsOf(examples: readonly Example[]): readonly Example[] {
  if (examples.every(({ rejected }) => rejected === undefined)) return examples;
  return examples.flatMap((each) => each.rejected ? [each, each.rejected] : [each]);
}

/** The tokens of an example, or of the longer text of a pair. */
export function lengthOf({ ids, rejected }: Example): number {
  return Math.max(ids.length, rejected?.ids.length ?? 0);
}

/** The tokens of texts that are not given. */
export function tokensOf(examples: readonly Example[]): number {
  return textsOf(examples).reduce((sum, { ids, given = 0 }) => sum + ids.length - given, 0);
}

/** The longest text of a part, in tokens. */
export function longest(examples: readonly Example[]): number {
  return examples.reduce((most, each) => Math.max(most, lengthOf(each)), 0);
}

/** A `[rows, time]` table filled from `fill`, which is asked for row and column. */
export function table(
  rows: number,
  time: number,
  fill: (row: number, column: number) => number,
): Float64Array {
  return Float64Array.from(
    { length: rows * time },
    (_, i) => fill(Math.floor(i / time), i % time),
  );
}
