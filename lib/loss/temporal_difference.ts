import { stopGradient } from "../graph/gradient.ts";
import {
  add,
  clip,
  greaterOrEqual,
  matmul,
  mul,
  square,
  sub,
  sumAll,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import { scalar, type Tensor } from "../graph/tensor.ts";
import { overLabels } from "./labels.ts";
import { type BatchShape, weightsBy } from "./weights.ts";

type Float = Tensor<"float32">;

/** How λ-returns mix what comes later. */
export interface Returns {
  /** How the value of a later place counts in the return of an earlier one, (1 − λ) λ^(s − t − 1), `[time, time]`. */
  readonly later: Float;
  /** How the text's label counts in the return of each place, λ^(n − t), `[batch, time]`. */
  readonly last: Float;
}

/** `Returns.later` of texts of up to `time` tokens, row by row. */
export function laterShares(time: number, lambda: number): Float32Array {
  return Float32Array.from({ length: time * time }, (_, i) => {
    const [t, s] = [Math.floor(i / time), i % time];
    return s > t ? (1 - lambda) * lambda ** (s - t - 1) : 0;
  });
}

/** `Returns.last` of the texts of a batch. */
export function lastShares(batch: BatchShape, lambda: number): Float32Array {
  return weightsBy(batch, (t, n) => lambda ** (n - t));
}

/**
 * The loss of TD(λ) (Sutton, 1988) for values of texts that are rewarded at their ends: the squared error of each place's value
 * against its λ-return, (1 − λ) Σ_s λ^(s − t − 1) V_s + λ^(n − t) y, through which no gradient goes. λ = 0 compares with the
 * value of the next place (SARSA), λ = 1 with the label.
 *
 * @param values of the prefixes, `[batch, time, labels]`; in returns they are clamped to [0, 1].
 * @param labels y of the texts, `[batch, labels]`.
 * @param weights of the places, `[batch, time]`; padding has 0.
 */
export function temporalDifferenceLoss(
  values: Float,
  labels: Float,
  weights: Float,
  { later, last }: Returns,
): Float {
  const isToken = where(greaterOrEqual(weights, scalar("float32", 1e-30)), scalar("float32", 1), 0);
  const known = mul(stopGradient(clip(stopGradient(values), 0, 1)), unsqueeze(isToken, [2]));
  const returns = add(matmul(later, known), mul(unsqueeze(last, [2]), unsqueeze(labels, [1])));
  return sumAll(mul(weights, overLabels(square(sub(values, stopGradient(returns))), "mean")));
}
