import { exp, mul, sub, sumAll } from "../graph/ops/mod.ts";
import { scalar, type Tensor } from "../graph/tensor.ts";
import { clamped, larger } from "./clamped.ts";

type Float = Tensor<"float32">;

/**
 * The clipped objective of PPO (Schulman et al., 2017, equation 7), as a loss: with the ratio ρ = π(a) / π_old(a) of a token's
 * probability to what it was when the token was drawn,
 *
 *     L = Σ w max(−A ρ, −A clip(ρ, 1 − ε, 1 + ε)).
 *
 * @param logProbabilities log π(a) of the tokens, `[rows]`.
 * @param old log π_old(a), `[rows]`.
 * @param advantages A, `[rows]`; no gradient flows there.
 * @param weights w of the places, `[rows]`.
 * @param range ε.
 */
export function clippedPolicyLoss(
  logProbabilities: Float,
  old: Float,
  { advantages, weights }: { readonly advantages: Float; readonly weights: Float },
  range: number,
): Float {
  const ratio = exp(sub(logProbabilities, old));
  const near = clamped(ratio, scalar("float32", 1 - range), scalar("float32", 1 + range));
  const [free, clipped] = [ratio, near].map((each) => sub(0, mul(advantages, each)));
  return sumAll(mul(weights, larger(free, clipped)));
}
