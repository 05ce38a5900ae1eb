import { gemm, quantizedMatmul } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Parameters, ParameterShapes } from "./parameters.ts";

type Float = Tensor<"float32">;

/** How a linear layer's weight is stored: PyTorch's Linear as `[columns, inner]`, GPT-2's Conv1D as `[inner, columns]`. */
export type LinearLayout = "linear" | "conv1d";

/**
 * A linear layer x W + b with `name.weight`, in whichever precision, and `name.bias` `[columns]` if the model has one:
 * `[rows, inner]` → `[rows, columns]`. Where it has an adapter, scale·(x Aᵀ) Bᵀ is added.
 *
 * @param shapes of the model's parameters.
 */
export function linear(
  shapes: ParameterShapes,
  parameters: Parameters,
  name: string,
  layout: LinearLayout,
  x: Float,
): Float {
  const [weight, biasName] = [`${name}.weight`, `${name}.bias`];
  const shape = shapes.get(weight)!;
  const transposed = layout === "linear";
  const [inner, columns] = transposed ? [shape[1], shape[0]] : shape;
  const bias = shapes.has(biasName) ? parameters(biasName, [columns]) : undefined;
  const quantized = parameters.quantized?.(weight, [inner, columns]);
  const product = quantized
    ? quantizedMatmul(x, quantized, bias)
    : gemm(x, parameters(weight, shape), { transposeB: transposed, bias });
  const lora = parameters.lora?.(weight);
  if (!lora) return product;
  const narrow = gemm(x, lora.down, { transposeB: true });
  return gemm(narrow, lora.up, { transposeB: true, alpha: lora.scale, bias: product });
}
