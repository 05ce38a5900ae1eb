import type { BranchSession } from "../inference/branch_session.ts";
import type { RaterPart } from "../inference/part.ts";
import type { Value } from "../runtime/value.ts";
import type { TrunkIdentity } from "../weights/trunk.ts";
import type { MovedBase } from "./moved_base.ts";
import type { RuleName } from "./rules.ts";
import type { TextRating } from "./text_rating.ts";

/**
 * A model that rates the next tokens of a text. All guidance goes through this interface: given prefixes and
 * candidates, it gives scores, and its rule says what they add to the base model's logits.
 */
export interface RewardModel extends AsyncDisposable {
  /** What messages call its kind, such as `"arm"`. */
  readonly kind: string;
  /** What it rates: one score a label. */
  readonly labels: readonly string[];
  /** What a score adds to a logit. */
  readonly rule: RuleName;
  /** What the score of a text's last token says of the whole text. Default: what its rule says; of a difference, nothing. */
  readonly textRating?: TextRating;
  /** Number of tokens; the same as the base model's, unless it reads them as text. */
  readonly vocabulary: number;
  /** Longest text it can rate, in tokens. */
  readonly longestText: number;
  /**
   * The base model whose own keys and values it moves, so that this has to be a folder of ours and the one that it was trained on.
   * It rates all tokens at once. Default: it moves none.
   */
  readonly movesBase?: MovedBase;
  /** Its part in one graph with the base model; absent where every candidate has to be read, or the base model is moved. */
  readonly part?: RaterPart;
  /** What it shares with the base model that it was trained on, which alone it steers. Default: nothing. */
  readonly trunk?: SharedTrunk;
  /**
   * Where it reads a base model's tokens as text, since its own are others: what is made into its tokens, and where the
   * tokenizers differ first.
   */
  readonly byText?: { readonly retokenize: "text" | "candidate"; readonly difference: string };
  /**
   * Opens graphs that rate candidates after texts which part ways, for base models with another tokenizer.
   *
   * @internal
   */
  readonly openBranches?: () => Promise<BranchSession>;
  /**
   * Begins to follow the given prompts (token ids, without BOS).
   *
   * @param options whether they are all that is read, as the base model reads them; only of one that shares its trunk.
   */
  start(
    prompts: readonly (readonly number[])[],
    options?: { readonly begun?: boolean },
  ): Promise<RewardReading>;
}

/** The first blocks of a base model, which a reward model has in common with it. */
export interface SharedTrunk extends TrunkIdentity {
  readonly blocks: number;
}

/** A batch of texts that a reward model follows token by token. */
export interface RewardReading extends Disposable {
  /**
   * Rates the candidates for the next token of every row.
   *
   * @param candidates token ids, int64 `[rows, k]`; absent: all tokens in their order.
   * @returns float32 `[rows, labels, k]` or `[rows, labels, vocab]`, as the model gives them: the rule clamps.
   * @throws {TypeError} if all tokens are asked for, and the model has to read every candidate.
   */
  rate(candidates?: Value): Promise<Value>;
  /** Says which candidate of each row was taken: its token, and its place among the candidates. */
  accept(tokens: readonly number[], places: readonly number[]): Promise<void>;
  /** Goes on with the named rows only, in that order; a row may be named more than once. */
  select(rows: readonly number[]): Promise<void>;
  /** Tokens that went through the backbone for rating so far: 1 a rated row for ARM, k for RAD. */
  readonly backboneCalls: number;
}
