import { gemm } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";

type Float = Tensor<"float32">;

/** RAD's head (Deng & Raffel, 2023): one linear unit a label on the hidden state at the rated token. */
export interface RadHead {
  readonly labels: number;
  readonly width: number;
}

/** The head's parameters, named as in the authors' code. */
export function radHeadShapes({ labels, width }: RadHead): ParameterShapes {
  return new Map([["lm_head.weight", [labels, width]], ["lm_head.bias", [labels]]]);
}

/** The reward of each prefix that ends where its hidden state was taken: `[rows, d]` → `[rows, labels]`. */
export function radReward(
  { labels, width }: RadHead,
  parameters: Parameters,
  hidden: Float,
): Float {
  return gemm(hidden, parameters("lm_head.weight", [labels, width]), {
    transposeB: true,
    bias: parameters("lm_head.bias", [labels]),
  });
}
