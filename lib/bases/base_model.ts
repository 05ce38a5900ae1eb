import type { Value } from "../runtime/value.ts";
import type { BasePart } from "../inference/part.ts";
import type { TrunkIdentity } from "../weights/trunk.ts";
import type { Device } from "../runtime/device.ts";

/** The likeliest next tokens of every row, likeliest first, or all tokens. */
export interface Candidates {
  /** Token ids, int64 `[rows, k]`; absent where the logits are those of the whole vocabulary, in its order. */
  readonly ids?: Value;
  /** The base model's logits, float32 `[rows, k]` or `[rows, vocab]`. A token that is out of the question has −∞. */
  readonly logits: Value;
}

/** A language model to be steered, seen through its logits only. */
export interface BaseModel extends AsyncDisposable {
  /** Number of tokens. */
  readonly vocabulary: number;
  /** The tokens that end a text, any of them. */
  readonly ends: readonly number[];
  /** Longest text it can continue, in tokens. */
  readonly longestText: number;
  /**
   * It as a part of a graph; absent where the model is seen through its logits only.
   *
   * @internal
   */
  readonly graph?: BaseGraph;
  /** Options of a generation that it cannot honour, each with a sentence that says why. Default: none. */
  readonly refusals?: Readonly<Partial<Record<"chat" | "repetitionPenalty" | "allTokens", string>>>;
  /** What it reads of a prompt: the prompt, after BOS where the model was trained with it. Never empty. */
  begin(prompt: readonly number[]): readonly number[];
  /** Reads prompts (token ids) and gives the `k` likeliest next tokens of each, or the logits of all where `k` is absent. */
  start(
    prompts: readonly (readonly number[])[],
    k?: number,
    options?: StartOptions,
  ): Promise<BaseReading>;
}

/** A base model as a part of graphs, with what steers it. */
export interface BaseGraph {
  readonly part: BasePart;
  readonly device: Device;
  /** What is given back with the base model. */
  readonly owned: AsyncDisposableStack;
  /** What identifies its first blocks, on which a reward model may stand; undefined where it has no such trunk. */
  readonly trunkAt?: (blocks: number) => Promise<TrunkIdentity | undefined>;
}

/** How a base model is to read prompts. */
export interface StartOptions {
  /** Whether they are all that is read, as `BaseModel.begin` makes them or a chat template does. Default false. */
  readonly begun?: boolean;
}

/** A batch of texts that a base model continues token by token. */
export interface BaseReading extends Disposable {
  /** The candidates for the next token. */
  readonly candidates: Candidates;
  /** Reads one more token a row; `candidates` are then those after it. */
  step(tokens: readonly number[]): Promise<void>;
  /** Goes on with the named rows only, in that order; a row may be named more than once. */
  select(rows: readonly number[]): Promise<void>;
}
