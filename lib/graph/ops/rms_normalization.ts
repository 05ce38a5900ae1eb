import { showShape } from "../dim.ts";
import { apply, defineOp } from "../op.ts";
import type { FloatType, Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { reduceMean } from "./reduce_mean.ts";
import { sumTo } from "./reduce_sum.ts";
import { sqrt } from "./unary.ts";

type Float = Tensor<FloatType>;

/** ONNX Runtime's op: the standard RMSNormalization does not give out the statistic that the gradient uses again. */
export const SimplifiedLayerNormalization = defineOp({
  name: "SimplifiedLayerNormalization",
  attributes: { axis: "int", epsilon: "float" },
  infer: ([x, scale]) => {
    const width = x!.shape.at(-1);
    if (scale!.shape.length !== 1 || scale!.shape[0] !== width) {
      throw new RangeError(
        `SimplifiedLayerNormalization: ${showShape(x!.shape)} needs a scale of [${width}], got ${
          showShape(scale!.shape)
        }.`,
      );
    }
    return [
      { dtype: x!.dtype, shape: x!.shape },
      { dtype: "float32", shape: [...x!.shape.slice(0, -1), 1] },
    ];
  },
  // with x̂ = x/rms and g = γ dy:  dx = (g − x̂ mean(g x̂))/rms,  dγ = Σ dy x̂
  gradient: ({ inputs, outputs: [, inverse] }, [dy], wanted) => {
    const [x, scale] = inputs as Float[];
    const normal = mul(x, inverse as Float);
    const dx = () => {
      const g = mul(dy as Float, scale);
      return mul(sub(g, mul(normal, reduceMean(mul(g, normal), [-1]))), inverse as Float);
    };
    return [
      wanted[0] ? dx() : undefined,
      wanted[1] ? sumTo(mul(dy as Float, normal), scale.shape) : undefined,
    ];
  },
  // the WebGPU provider gives out another statistic
  portable: ({ inputs, attributes: { epsilon = 0 } }) => {
    const [x, scale] = inputs as Float[];
    const inverse = div(1, sqrt(add(reduceMean(mul(x, x), [-1]), epsilon)));
    return [mul(mul(x, inverse), scale), inverse];
  },
});

/**
 * Root-mean-square normalization over the last axis: γ x/√(mean(x²) + ε).
 *
 * @throws {RangeError} if `scale` does not have the extent of the last axis.
 */
export function rmsNormalization<D extends FloatType>(
  x: Tensor<D>,
  scale: Tensor<D>,
  epsilon: number,
): Tensor<D> {
  return apply(SimplifiedLayerNormalization, [x, scale], { axis: -1, epsilon })[0] as Tensor<D>;
}
