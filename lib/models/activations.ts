import { gelu, geluTanh, relu, silu } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Activations by the names that config.json has for them. */
export const activations = {
  gelu,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  relu,
  silu,
  swish: silu,
} as const satisfies Record<string, (x: Tensor<"float32">) => Tensor<"float32">>;

export type ActivationName = keyof typeof activations;

export const activationNames = Object.keys(activations) as readonly ActivationName[];
