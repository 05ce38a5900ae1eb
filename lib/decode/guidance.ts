import { add, clip, mul, reduceSum, sub, unsqueeze } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { floats, type Value } from "../runtime/value.ts";

type Float = Tensor<"float32">;

/** How one label of a reward model steers. */
export interface Steering {
  /** A label of the reward model. */
  label: string;
  /** Strength β, added to a logit at reward 1. Default 10. */
  beta?: number;
  /** Steer away: 1 − r in place of r. Default false. */
  inverse?: boolean;
}

/** The steering inputs of a graph: β and direction of every score, `[scores]`. */
function steeringInputs(): { beta: Float; inverse: Float } {
  return {
    beta: input("beta", "float32", ["scores"]),
    inverse: input("inverse", "float32", ["scores"]),
  };
}

/** Feeds for `guidedLogits`. */
export function steeringFeeds(steering: readonly Steering[]): Record<string, Value> {
  const { length } = steering;
  return {
    beta: floats([length], Float32Array.from(steering, ({ beta = 10 }) => beta)),
    inverse: floats([length], Float32Array.from(steering, ({ inverse }) => inverse ? 1 : 0)),
  };
}

/**
 * The guided logits of equation (1), z + β ρ, before the softmax: ρ = clamp(r, 0, 1), and 1 − ρ where steering
 * away; the clamp comes before the inversion. Several scores add up, each with its own β.
 *
 * @param logits of the base model, `[batch, k]`.
 * @param rewards `[batch, scores, k]`.
 */
export function guidedLogits(logits: Float, rewards: Float): Float {
  const { beta, inverse } = steeringInputs();
  const perScore = (x: Float) => unsqueeze(x, [0, 2]);
  const clamped = clip(rewards, 0, 1);
  // 1 − ρ where inverse is 1, ρ where it is 0
  const directed = add(perScore(inverse), mul(clamped, sub(1, mul(perScore(inverse), 2))));
  return add(logits, reduceSum(mul(directed, perScore(beta)), [1]));
}
