import { rowsOf, type Value } from "../runtime/value.ts";

/** One step of a batch: what each row chose from, and what it chose. */
export interface Step {
  /** int64 `[rows, k]`. */
  readonly candidates: Value;
  /** The base model's logits, float32 `[rows, k]`. */
  readonly logits: Value;
  /** What every guide said of the candidates, float32 `[rows, labels, k]` each. */
  readonly scores: readonly Value[];
  /** Guided logits, float32 `[rows, k]`. */
  readonly guided: Value;
  /** The place of the token taken among the candidates, one a row. */
  readonly places: readonly number[];
  /** The token taken, one a row. */
  readonly tokens: readonly number[];
}

/** The step without what was drawn. */
export type Choices = Omit<Step, "places" | "tokens">;

/** The named rows, in that order; a row may be named more than once. */
export function choicesOfRows(
  { candidates, logits, scores, guided }: Choices,
  rows: readonly number[],
): Choices {
  return {
    candidates: rowsOf(candidates, rows),
    logits: rowsOf(logits, rows),
    scores: scores.map((values) => rowsOf(values, rows)),
    guided: rowsOf(guided, rows),
  };
}

/** The step of the named rows, in that order. */
export function stepOfRows(step: Step, rows: readonly number[]): Step {
  return {
    ...choicesOfRows(step, rows),
    places: rows.map((row) => step.places[row]),
    tokens: rows.map((row) => step.tokens[row]),
  };
}

/** The step that takes these places. */
export function stepAt(choices: Choices, places: readonly number[]): Step {
  const ids = choices.candidates.data as BigInt64Array;
  const [, k] = choices.candidates.dims;
  return { ...choices, places, tokens: places.map((place, row) => Number(ids[row * k + place])) };
}

/** A batch of prompts that is continued step by step, every prompt by several samples. */
export interface Decoding extends AsyncDisposable {
  /** Reads the prompts, and draws the first token of every sample: rows are prompt after prompt. */
  first(): Promise<Step>;
  /**
   * Reads what was drawn last, and draws the next token, up to `turns` times, fewer if rows should be dropped first.
   *
   * @param alive the rows of the last step that go on, rising.
   */
  next(alive: readonly number[], turns: number): Promise<Step[]>;
  /** Rows times steps that were rated so far. */
  readonly rated: number;
  /** Tokens that went through the backbones of each guide so far. */
  readonly backboneCalls: readonly number[];
}
