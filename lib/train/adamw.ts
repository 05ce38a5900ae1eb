import {
  add,
  div,
  gather,
  greaterOrEqual,
  mul,
  reduceSumSquare,
  sqrt,
  sub,
  where,
} from "../graph/ops/mod.ts";
import { constant, input, scalar, type Tensor } from "../graph/tensor.ts";
import { floats, type Value } from "../runtime/value.ts";
import { next } from "../runtime/state.ts";
import type { AdamWOptions } from "./adamw_options.ts";

type Float = Tensor<"float32">;

/** The names of a parameter's moments in the training state. */
export const moments = (name: string): { first: string; second: string } => ({
  first: `first_moment.${name}`,
  second: `second_moment.${name}`,
});

/** What changes from step to step, fed as one vector: `[rate, 1/(1−β₁ᵏ), 1/√(1−β₂ᵏ)]`. */
const scheduleInput = "schedule";

/** The feeds of step `step` (from 1) at learning rate `rate`. */
export function adamWFeeds(
  step: number,
  rate: number,
  { betas: [beta1, beta2] = [0.9, 0.95] }: AdamWOptions,
): Record<string, Value> {
  const schedule = [rate, 1 / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)];
  return { [scheduleInput]: floats([3], Float32Array.from(schedule)) };
}

/** The global norm ‖g‖ over all gradients, shape `[]`. */
export function globalNorm(gradients: Iterable<Float>): Float {
  return sqrt([...gradients].map(reduceSumSquare).reduce((a, b) => add(a, b)));
}

/** The factor min(1, max/(‖g‖ + 1e-6)) of clipping by global norm, as torch.nn.utils.clip_grad_norm_ has it. */
export function clipFactor(norm: Float, maxNorm: number): Float {
  const factor = div(scalar("float32", maxNorm), add(norm, 1e-6));
  return where(greaterOrEqual(factor, scalar("float32", 1)), 1, factor);
}

/**
 * One step of AdamW (Loshchilov & Hutter, 2019), as torch.optim.AdamW computes it:
 *
 *     p ← p(1 − ηλ);  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  p ← p − η (m/(1−β₁ᵏ)) / (√(v/(1−β₂ᵏ)) + ε)
 *
 * @param parameters name → parameter, its gradient, and what its η is multiplied by, but for the decay.
 * @returns the graph's outputs: the next value of every parameter and moment, by state name.
 */
export function adamW(
  parameters: ReadonlyMap<string, { value: Float; gradient: Float; stepFactor?: number }>,
  {
    betas: [beta1, beta2] = [0.9, 0.95],
    epsilon = 1e-12,
    weightDecay = 0.02,
    decayAll = true,
  }: AdamWOptions = {},
): Record<string, Float> {
  const schedule = input(scheduleInput, "float32", [3]);
  const [rate, correction1, correction2] = [0, 1, 2].map((i) =>
    gather(schedule, constant("int64", [], [i]))
  );
  // both sides of the fraction over 1/√(1−β₂ᵏ), so that whole tensors need not be multiplied by it
  const stepSize = div(mul(rate, correction1), correction2);
  const smallest = div(scalar("float32", epsilon), correction2);
  const shrink = sub(1, mul(rate, weightDecay));
  const outputs: Record<string, Float> = {};
  for (const [name, { value, gradient, stepFactor = 1 }] of parameters) {
    const { first, second } = moments(name);
    const m = input(first, "float32", value.shape);
    const v = input(second, "float32", value.shape);
    const m1 = add(mul(m, beta1), mul(gradient, 1 - beta1));
    const v1 = add(mul(v, beta2), mul(mul(gradient, 1 - beta2), gradient));
    const step = stepFactor === 1 ? stepSize : mul(stepSize, stepFactor);
    const update = div(mul(m1, step), add(sqrt(v1), smallest));
    const decays = weightDecay !== 0 && (decayAll || value.shape.length > 1);
    outputs[next(name)] = sub(decays ? mul(value, shrink) : value, update);
    outputs[next(first)] = m1;
    outputs[next(second)] = v1;
  }
  return outputs;
}
