/** How rewards that come later count. */
export interface Discounting {
  /** γ, by which a reward counts less for every token that it is away. */
  readonly discount: number;
  /** λ of generalized advantage estimation: 0 trusts the values after one token, 1 only what followed in the end. */
  readonly lambda: number;
}

/** How much better the tokens of a text were than expected, and what followed them. */
export interface Advantages {
  readonly advantages: Float32Array;
  /** Advantages and values together: what the values are to become. */
  readonly returns: Float32Array;
}

/**
 * Generalized advantage estimation (Schulman et al., 2016): δ_t = r_t + γ V_{t+1} − V_t, A_t = δ_t + γλ A_{t+1}, R_t = A_t + V_t.
 * Nothing follows the last token, whose text is at its end there.
 *
 * @param rewards r of a text's tokens.
 * @param values V of the states that they were drawn in.
 */
export function estimateAdvantages(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { discount, lambda }: Discounting,
): Advantages {
  const advantages = new Float32Array(rewards.length);
  const returns = new Float32Array(rewards.length);
  let following = 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    const delta = rewards[t] + discount * (values[t + 1] ?? 0) - values[t];
    following = delta + discount * lambda * following;
    advantages[t] = following;
    returns[t] = following + values[t];
  }
  return { advantages, returns };
}

/** The numbers of all lists shifted and scaled to a mean of 0 and a variance of 1. */
export function whitened(lists: readonly Float32Array[]): Float32Array[] {
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  const sum = (of: (x: number) => number) =>
    lists.reduce((total, list) => list.reduce((sum, x) => sum + of(x), total), 0);
  const mean = sum((x) => x) / count;
  const variance = sum((x) => (x - mean) ** 2) / count;
  return lists.map((list) => list.map((x) => (x - mean) / Math.sqrt(variance + 1e-8)));
}
