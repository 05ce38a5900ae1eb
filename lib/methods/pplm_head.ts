import { gemm } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Parameters } from "../models/parameters.ts";
import type { Head, HeadSizes } from "./reward_head.ts";

const [weightName, biasName] = ["head.attribute.weight", "head.attribute.bias"];

/** The head of PPLM's classifier: one linear unit a label on the mean hidden state of a text. */
export interface PplmHead extends Head, HeadSizes {
  /** Log-odds of the labels, `[rows, d]` → `[rows, labels]`. */
  classify(parameters: Parameters, hidden: Tensor<"float32">): Tensor<"float32">;
}

/** A head for such labels and widths. */
export function pplmHead({ labels, width }: HeadSizes): PplmHead {
  return {
    labels,
    width,
    shapes: new Map([[weightName, [labels, width]], [biasName, [labels]]]),
    partOf: () => "head: one linear unit a label",
    classify: (parameters, hidden) =>
      gemm(hidden, parameters(weightName, [labels, width]), {
        transposeB: true,
        bias: parameters(biasName, [labels]),
      }),
  };
}
