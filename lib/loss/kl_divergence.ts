import { exp, mul, reduceSum, sub } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { logSumExp } from "./log_sum_exp.ts";

type Float = Tensor<"float32">;

/**
 * The Kullback–Leibler divergence of the softmaxes of two rows of logits, KL(p ‖ q) = Σ_v p_v (log p_v − log q_v), in nats:
 * `[rows, vocab]` twice → `[rows]`.
 */
export function klDivergence(p: Float, q: Float): Float {
  const [logP, logQ] = [p, q].map((logits) => sub(logits, logSumExp(logits)));
  return reduceSum(mul(exp(logP), sub(logP, logQ)), [1]);
}
