import { add, mul, slice, sub } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import type { Head } from "./reward_head.ts";

type Float = Tensor<"float32">;

/**
 * What GeDi (Krause et al., 2020) has beside its language model, named as in the authors' code: a scale of the
 * classes' log-likelihoods, and a bias of the desired and of the undesired class.
 */
export const gediHeadShapes: ParameterShapes = new Map([["logit_scale", [1]], ["bias", [2]]]);

/** Before training, log-likelihoods are as they are, and there is no bias. */
export const gediHead: Head = {
  shapes: gediHeadShapes,
  fill: (name) => ({ mean: name === "logit_scale" ? 1 : 0, deviation: 0 }),
  partOf: () => "head: scale and biases of the classes",
};

/**
 * The log-odds of the desired class by Bayes' rule, δ = s_desired − s_undesired with
 * s_c = logit_scale · (log-likelihood of the text under class c) / (its tokens) + bias_c.
 *
 * @param desired log-likelihoods under the desired class, over the number of tokens; any shape.
 * @param undesired the same under the undesired class.
 */
export function classLogOdds(parameters: Parameters, desired: Float, undesired: Float): Float {
  const bias = parameters("bias", [2]);
  const [forDesired, forUndesired] = [slice(bias, 0, 0, 1), slice(bias, 0, 1, 2)];
  const scaled = mul(sub(desired, undesired), parameters("logit_scale", [1]));
  return add(scaled, sub(forDesired, forUndesired));
}
