import { stopGradient } from "../graph/gradient.ts";
import { add, clip, exp, log, mul, sub, sumAll, unsqueeze } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { overLabels } from "./labels.ts";

type Float = Tensor<"float32">;

/**
 * Binary cross-entropy, elementwise: −y log σ(s) − (1 − y) log σ(−s) = log(1 + eˢ) − y s, in nats.
 *
 * @param logOdds s, of any size: nothing overflows.
 * @param labels y in [0, 1], of a shape that broadcasts.
 */
export function binaryCrossEntropy(logOdds: Float, labels: Float): Float {
  // with m = max(s, 0), log(1 + eˢ) = m + log(e⁻ᵐ + eˢ⁻ᵐ); m cancels out, so no gradient goes through it
  const shift = stopGradient(clip(logOdds, 0, Infinity));
  const softplus = add(shift, log(add(exp(sub(0, shift)), exp(sub(logOdds, shift)))));
  return sub(softplus, mul(labels, logOdds));
}

/**
 * The loss of FUDGE's classifier (Yang & Klein, 2021): the cross-entropy of every prefix's log-odds against the
 * text's label, averaged over labels.
 *
 * @param logOdds of the prefixes, `[batch, time, labels]`.
 * @param labels of the texts, in [0, 1], `[batch, labels]`.
 * @param weights of the places, `[batch, time]`; the authors count every token of the batch alike.
 */
export function prefixCrossEntropyLoss(logOdds: Float, labels: Float, weights: Float): Float {
  const errors = binaryCrossEntropy(logOdds, unsqueeze(labels, [1]));
  return sumAll(mul(weights, overLabels(errors, "mean")));
}
