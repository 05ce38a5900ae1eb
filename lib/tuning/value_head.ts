import { add, matmul, reshape } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";

type Float = Tensor<"float32">;

const weightName = "value_head.weight";
const biasName = "value_head.bias";

/** The parameters of a value head: V = ⟨h, v⟩ + b, a linear function of the policy's own hidden state (Ziegler et al., 2019). */
export function valueHeadShapes({ width }: Pick<Backbone, "width">): ParameterShapes {
  return new Map([[weightName, [width, 1]], [biasName, [1]]]);
}

/** Values of hidden states: `[rows, d]` → `[rows]`. */
export function valueHead(
  { width }: Pick<Backbone, "width">,
  parameters: Parameters,
  hidden: Float,
): Float {
  const values = matmul(hidden, parameters(weightName, [width, 1]));
  return reshape(add(values, parameters(biasName, [1])), [hidden.shape[0]]);
}
