import { showShape } from "../dim.ts";
import { apply, defineOp } from "../op.ts";
import type { FloatType, Tensor } from "../tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { reduceMean } from "./reduce_mean.ts";
import { sumTo } from "./reduce_sum.ts";

type Float = Tensor<FloatType>;

export const LayerNormalization = defineOp({
  name: "LayerNormalization",
  attributes: { axis: "int", epsilon: "float" },
  infer: ([x, scale, bias]) => {
    const width = x!.shape.at(-1);
    for (const parameter of [scale!, bias!]) {
      if (parameter.shape.length !== 1 || parameter.shape[0] !== width) {
        throw new RangeError(
          `LayerNormalization: ${showShape(x!.shape)} needs a scale and bias of [${width}], got ${
            showShape(parameter.shape)
          }.`,
        );
      }
    }
    const statistics = [...x!.shape.slice(0, -1), 1];
    return [
      { dtype: x!.dtype, shape: x!.shape },
      { dtype: "float32", shape: statistics },
      { dtype: "float32", shape: statistics },
    ];
  },
  // with x̂ = (x − mean)/σ and g = γ dy:  dx = (g − mean(g) − x̂ mean(g x̂))/σ,  dγ = Σ dy x̂,  dβ = Σ dy
  gradient: ({ inputs, outputs: [, mean, inverseDeviation] }, [dy], wanted) => {
    const [x, scale, bias] = inputs as Float[];
    const normal = mul(sub(x, mean as Float), inverseDeviation as Float);
    const dx = () => {
      const g = mul(dy as Float, scale);
      const alongNormal = mul(normal, reduceMean(mul(g, normal), [-1]));
      const centred = sub(sub(g, reduceMean(g, [-1])), alongNormal);
      return mul(centred, inverseDeviation as Float);
    };
    return [
      wanted[0] ? dx() : undefined,
      wanted[1] ? sumTo(mul(dy as Float, normal), scale.shape) : undefined,
      wanted[2] ? sumTo(dy as Float, bias.shape) : undefined,
    ];
  },
});

/**
 * Layer normalization over the last axis: γ (x − mean)/√(variance + ε) + β.
 * The statistics are outputs of the op, which its gradient uses again.
 *
 * @throws {RangeError} if `scale` or `bias` does not have the extent of the last axis.
 */
export function layerNormalization<D extends FloatType>(
  x: Tensor<D>,
  scale: Tensor<D>,
  bias: Tensor<D>,
  epsilon: number,
): Tensor<D> {
  return apply(LayerNormalization, [x, scale, bias], { axis: -1, epsilon })[0] as Tensor<D>;
}
