import type { Tensor } from "../graph/tensor.ts";
import type { Fill } from "../models/backbone.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";

type Float = Tensor<"float32">;

/** What a head is made for. */
export interface HeadSizes {
  /** Labels that it rates. */
  readonly labels: number;
  /** Width of hidden states and embeddings, d. */
  readonly width: number;
}

/** Mean Euclidean norms of what a head is given. */
export interface StateNorms {
  readonly hidden: number;
  /** Of the output embedding's rows. */
  readonly embedding: number;
}

/** What a model has beside its backbone. */
export interface Head {
  /** Name → shape of its parameters; names must not be the backbone's. */
  readonly shapes: ParameterShapes;
  /** How a fresh parameter begins. Default: N(0, 0.02²), and 0 for names that end in `.bias`. */
  readonly fill?: (name: string) => Fill;
  /**
   * What steps of its parameters are multiplied by where it trains alone, so that they are those of a head on hidden states of
   * norm 5 and embeddings of norm 1, whatever the backbone. A head that says so is linear in its
   * parameters, and begins at zero. Default: 5 over the norm of hidden states, and it begins as `fill` says.
   */
  readonly stepFactors?: (norms: StateNorms) => ReadonlyMap<string, number>;
  /** What a parameter is part of, for people. Default: its name. */
  readonly partOf?: (name: string) => string;
}

/**
 * A head that rates any next token from the hidden state of the prefix, as equation (2) does. One function serves training, which
 * rates one token a place (k = 1), and decoding, which rates the candidates of a step or the whole vocabulary.
 */
export interface RewardHead extends Head {
  /**
   * The rewards r̂ of tokens: hidden states `[rows, d]` and rows of the output embedding, `[rows, k, d]`, or `[1, vocab, d]`
   * where all tokens are rated → `[rows, labels, k]`.
   */
  rewards(parameters: Parameters, hidden: Float, embeddings: Float): Float;
  /** What differs from token to token, Δr̂, which the regularizer (5) keeps small; shapes as above. Default: `rewards`. */
  marginals?(parameters: Parameters, hidden: Float, embeddings: Float): Float;
  /** The rewards of all tokens, where there is a faster way: embeddings `[vocab, d]` → `[rows, labels, vocab]`. Default: `rewards`. */
  vocabularyRewards?(parameters: Parameters, hidden: Float, embeddings: Float): Float;
}
