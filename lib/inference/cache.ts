import type { Value } from "../runtime/value.ts";

/**
 * Keys and values that a model has read, of all its blocks, while texts go on and end. Where they are kept depends
 * on the device: in memory they are written in place, on a GPU they stay there and come back longer.
 */
export interface Cache extends Disposable {
  /** Columns that all rows have, padding included. */
  readonly columns: number;
  /** Feeds of a graph with `PastInputs` of the same kind. */
  feeds(): Record<string, Value>;
  /** Takes the columns that a run gave out, `count` more than there were; the outputs are used up. */
  take(outputs: Readonly<Record<string, Value>>, count: number): void;
  /** Goes on with the named rows only, in that order; a row may be named more than once. */
  select(rows: readonly number[]): Promise<void>;
}
