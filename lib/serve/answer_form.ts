import type { Tokenizer } from "../data/tokenizer.ts";
import type { ChoicePiece } from "./choice_text.ts";

/** Tokens that were read and written. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** What an answer says of itself. */
export interface AnswerHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

/** How texts are written out in the answer to a request. */
export interface AnswerForm {
  /** What ids of answers begin with. */
  readonly prefix: string;
  /** All texts at once, in their order. */
  whole(head: AnswerHead, texts: readonly ChoicePiece[], usage: Usage): unknown;
  /** What a stream begins a text with, if anything. */
  begin?(head: AnswerHead, index: number): unknown;
  piece(head: AnswerHead, piece: ChoicePiece): unknown;
  /** What a stream ends with where tokens are to be counted. */
  usage(head: AnswerHead, usage: Usage): unknown;
}

/** What forms have to know of a request. */
export interface FormSettings {
  readonly tokenizer: Tokenizer;
  /** Whether log-probabilities are given. */
  readonly logprobs: boolean;
  readonly namesAsIds: boolean;
}
