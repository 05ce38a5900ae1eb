/**
 * How the places of a batch count in a loss.
 *
 * A loss is a sum over places of weight × error. The weights are computed here from the lengths of the texts,
 * over the *whole* batch, so that parts of a batch (gradient accumulation) add up to exactly its loss.
 */
export interface BatchShape {
  /** Tokens of each text of this part of the batch. */
  readonly lengths: readonly number[];
  /** Places a row has: the longest text of this part. */
  readonly time: number;
  /** Texts in the whole batch. */
  readonly rows: number;
  /** Tokens in the whole batch. */
  readonly tokens: number;
}

/** `[batch, time]` weights from a rule for the place t (from 1) of a text of n tokens; 0 where the rule is not asked. */
export function weightsBy(
  { lengths, time }: BatchShape,
  rule: (t: number, n: number) => number,
  places: (n: number) => number = (n) => n,
): Float32Array {
  const weights = new Float32Array(lengths.length * time);
  lengths.forEach((n, row) => {
    for (let t = 1; t <= places(n); t++) weights[row * time + t - 1] = rule(t, n);
  });
  return weights;
}
