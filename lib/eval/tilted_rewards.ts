/** What self-normalized importance weights say of one prompt at every strength β of a list. */
export interface TiltedRewards {
  /** log Z with Z = E_p[exp(β r)]. */
  readonly logZ: Float64Array;
  /** E_p*[r] under p* ∝ p exp(β r). */
  readonly reward: Float64Array;
  /** How many samples of p* the weighted samples of p are worth: 1 / Σ w². */
  readonly effective: Float64Array;
}

/**
 * Weighs the rewards r_j of N samples of p by w_j ∝ exp(β r_j), Σ w_j = 1, which makes them samples of p*:
 *
 *     log Z ≈ log (1/N Σ_j exp(β r_j)) + (Σ_j w_j² − 1/N) / 2
 *     E_p*[r] ≈ Σ_j w_j r_j + Σ_j w_j² (r_j − Σ_i w_i r_i)
 *
 * The second terms take away the bias of the first, up to orders of 1/N² (the delta method): a logarithm of a mean and a ratio of
 * means are not estimated without one.
 *
 * @param rewards those that are known; at least one.
 */
export function tiltedRewards(
  rewards: readonly number[],
  betas: readonly number[],
): TiltedRewards {
  const count = rewards.length;
  const largest = rewards.reduce((a, b) => Math.max(a, b), -Infinity);
  const logZ = new Float64Array(betas.length);
  const reward = new Float64Array(betas.length);
  const effective = new Float64Array(betas.length);
  betas.forEach((beta, i) => {
    let [sum, squares, first, ofSquares] = [0, 0, 0, 0];
    for (const r of rewards) {
      // at most 1, whatever β is
      const weight = Math.exp(beta * (r - largest));
      sum += weight;
      squares += weight * weight;
      first += weight * r;
      ofSquares += weight * weight * r;
    }
    const concentration = squares / (sum * sum);
    const mean = first / sum;
    logZ[i] = beta * largest + Math.log(sum / count) + (concentration - 1 / count) / 2;
    reward[i] = mean + ofSquares / (sum * sum) - concentration * mean;
    effective[i] = 1 / concentration;
  });
  return { logZ, reward, effective };
}
