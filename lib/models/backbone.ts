import type { Tensor } from "../graph/tensor.ts";
import type { Parameters, ParameterShapes } from "./parameters.ts";

type Float = Tensor<"float32">;

/** What every model says of itself, whatever its architecture. */
export interface ModelConfig {
  /** Number of tokens that it has embeddings and logits for. */
  readonly vocabulary: number;
  /** Width of hidden states, d. */
  readonly width: number;
  /** Longest text, in tokens. */
  readonly context: number;
  /** The token that a text begins with, where something is to be read before it. */
  readonly bos: number;
  /** The end-of-text token, which is also padding. */
  readonly endOfText: number;
}

/** Keys and values of one block, `[batch, keyHeads, columns, size]` each. */
export interface LayerCache {
  readonly key: Float;
  readonly value: Float;
}

/** How the heads of a block attend. */
export interface BlockAttention {
  /** Heads of queries. */
  readonly heads: number;
  /** Heads of keys and values; each serves `heads / keyHeads` neighbouring heads of queries. */
  readonly keyHeads: number;
  /** Width of a head. */
  readonly size: number;
  /** What q kᵀ is multiplied by. */
  readonly scale: number;
  /** How many tokens a query sees, its own included. Default: all before it. */
  readonly window?: number;
}

/**
 * What attention makes of the queries of a block, `[batch, heads, time, size]`, given the keys and values of the same tokens. Whole
 * texts and the steps of decoding differ in this alone.
 */
export type Attend = (block: number, query: Float, own: LayerCache) => Float;

/**
 * Hidden states, tokens as rows, on their way through the blocks of a backbone: all of them one after the other, or some, from
 * what those before gave. What it gives is taken to the final norm.
 *
 * @param x what the first block reads, `[batch·time, d]`.
 * @param block what a block makes of such states.
 */
export type ThroughBlocks = (x: Float, block: (x: Float, i: number) => Float) => Float;

/**
 * A transformer that gives every token a hidden state: an architecture with sizes. What heads, losses, steps and tools know of
 * one is here; what it computes is in its architecture's file.
 */
export interface Backbone extends Readonly<ModelConfig> {
  /** What it is called: "GPT-2". */
  readonly title: string;
  readonly blocks: readonly BlockAttention[];
  /** Its parameters, named as Hugging Face names them within the backbone. */
  readonly shapes: ParameterShapes;
  /** The parameter whose rows, `[vocab, d]`, are what tokens are read as. */
  readonly inputEmbedding: string;
  /** The parameter whose rows are e_i of equation (2): that of the language model's head, which may be the input embedding. */
  readonly outputEmbedding: string;
  /**
   * The last hidden states after the final norm, tokens as rows: ids `[batch, time]` → `[batch·time, d]`.
   *
   * @param positions of each token, `[batch, time]`; undefined for 0 … time − 1.
   * @param through how they go through the blocks. Default: through all.
   */
  hidden(
    parameters: Parameters,
    ids: Tensor<"int64">,
    positions: Tensor<"int64"> | undefined,
    attend: Attend,
    through?: ThroughBlocks,
  ): Float;
  /** How a fresh parameter begins. */
  fill(name: string): Fill;
  /** What a parameter is part of, for people: "token embeddings", "blocks". */
  partOf(name: string): string;
  /** The matrices that most of a step's time goes into, which quantization makes smaller. */
  readonly matrices: readonly Matrix[];
  /** The `config.json` that Hugging Face loads it with, as a language model. */
  json(): Readonly<Record<string, unknown>>;
  /** What stands before the names of its parameters in its language model at Hugging Face: `transformer.`, or nothing. */
  readonly modulePrefix: string;
  /** The class of its language model, and of itself without a head, at Hugging Face. */
  readonly classes: { readonly languageModel: string; readonly backbone: string };
}

/** The parameters of a backbone without an output embedding of its own, which a head on hidden states has no use for. */
export function hiddenStateShapes(
  { shapes, inputEmbedding, outputEmbedding }: Backbone,
): ParameterShapes {
  const isNeeded = (name: string) => name !== outputEmbedding || name === inputEmbedding;
  return new Map([...shapes].filter(([name]) => isNeeded(name)));
}

/** Fresh values: N(mean, deviation²). */
export interface Fill {
  readonly mean: number;
  readonly deviation: number;
}

/** A matrix of a linear layer among the parameters. */
export interface Matrix {
  readonly name: string;
  /** Whether it is stored as `[out, in]`, and not as `[in, out]`. */
  readonly transposed: boolean;
}

/** The matrices among the parameters whose names begin so. */
export function matricesUnder(
  prefix: string,
  shapes: ParameterShapes,
  { transposed }: Pick<Matrix, "transposed">,
): Matrix[] {
  return [...shapes]
    .filter(([name, { length }]) => name.startsWith(prefix) && length === 2)
    .map(([name]) => ({ name, transposed }));
}
