/** What a language model and discriminators say of a text that was written by people, and of one that was generated. */
export interface JudgedPair {
  /** log p of the written continuation and of the generated one, in nats. */
  readonly written: JudgedText;
  readonly generated: JudgedText;
}

/** A text as it is judged. */
export interface JudgedText {
  readonly logProbability: number;
  /** One score a discriminator, such as log p(c | text). */
  readonly scores: readonly number[];
}

/**
 * How much each of several discriminators counts (Holtzman et al., 2018, section 3.3): the weights λ for which log p + Σ λₖ sₖ
 * is as good for what was generated as for what people wrote, in least squares over pairs of continuations of the
 * same prompts; one such pair each is what the weights are learnt from. Where discriminators say the same, so that many
 * weights do, the smallest are given.
 *
 * @returns λ, one a discriminator: strengths β of guides.
 * @throws {RangeError} if there is no pair, no discriminator, or texts have different numbers of scores.
 */
export function cooperativeWeights(pairs: readonly JudgedPair[]): number[] {
  const count = pairs[0]?.written.scores.length ?? 0;
  if (count === 0) {
    throw new RangeError("cooperativeWeights needs a pair of texts with at least one score each.");
  }
  const rows = pairs.map(({ written, generated }, i) => {
    if (written.scores.length !== count || generated.scores.length !== count) {
      throw new RangeError(
        `cooperativeWeights: pair ${i + 1} has not ${count} scores a text as the first has.`,
      );
    }
    return {
      target: generated.logProbability - written.logProbability,
      scores: written.scores.map((score, k) => score - generated.scores[k]),
    };
  });
  // (DᵀD + ε I) λ = Dᵀ t, with an ε that only decides where DᵀD does not
  const matrix = Array.from(
    { length: count },
    (_, a) =>
      Array.from(
        { length: count },
        (_, b) => rows.reduce((sum, { scores }) => sum + scores[a] * scores[b], 0),
      ),
  );
  const trace = matrix.reduce((sum, row, k) => sum + row[k], 0);
  matrix.forEach((row, k) => row[k] += 1e-10 * (trace || 1));
  const right = matrix.map((_, k) =>
    rows.reduce((sum, { scores, target }) => sum + scores[k] * target, 0)
  );
  return solved(matrix, right);
}

/** x of A x = b with A symmetric and positive definite, by Gaussian elimination. */
function solved(matrix: readonly number[][], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const size = rows.length;
  for (let k = 0; k < size; k++) {
    for (let i = k + 1; i < size; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= size; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  const x = new Array<number>(size).fill(0);
  for (let k = size - 1; k >= 0; k--) {
    const known = x.reduce((sum, value, j) => j > k ? sum + rows[k][j] * value : sum, 0);
    x[k] = (rows[k][size] - known) / rows[k][k];
  }
  return x;
}
