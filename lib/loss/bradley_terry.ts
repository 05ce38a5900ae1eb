import { mul, sub, sumAll } from "../graph/ops/mod.ts";
import { scalar, type Tensor } from "../graph/tensor.ts";
import { binaryCrossEntropy } from "./cross_entropy.ts";

type Float = Tensor<"float32">;

/**
 * The loss of Bradley and Terry's model of preferences (1952): −log P(chosen ≻ rejected) = −log σ(r⁺ − r⁻), in nats. Rewards
 * that it teaches have no zero: what is added to all of them changes nothing.
 *
 * @param chosen r⁺, of any shape.
 * @param rejected r⁻, of the same shape.
 * @param weights how each comparison counts, of the same shape.
 */
export function bradleyTerryLoss(chosen: Float, rejected: Float, weights: Float): Float {
  const losses = binaryCrossEntropy(sub(chosen, rejected), scalar("float32", 1));
  return sumAll(mul(weights, losses));
}
