import { gemm, quantizedMatmul } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Parameters } from "./parameters.ts";

type Float = Tensor<"float32">;

/**
 * A linear layer x W + b with `name.weight` `[inner, columns]`, stored in whichever precision, and `name.bias`
 * `[columns]`: `[rows, inner]` → `[rows, columns]`.
 */
export function linear(
  parameters: Parameters,
  name: string,
  [inner, columns]: readonly number[],
  x: Float,
): Float {
  const [weight, shape] = [`${name}.weight`, [inner, columns]];
  const bias = parameters(`${name}.bias`, [columns]);
  const quantized = parameters.quantized?.(weight, shape);
  return quantized
    ? quantizedMatmul(x, quantized, bias)
    : gemm(x, parameters(weight, shape), { bias });
}
