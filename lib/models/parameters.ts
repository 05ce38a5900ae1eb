import type { QuantizedMatrix } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";

/** What a linear layer adds to x W: scale·(x Aᵀ) Bᵀ. */
export interface LoraMatrices {
  /** A, `[rank, inner]`. */
  readonly down: Tensor<"float32">;
  /** B, `[columns, rank]`. */
  readonly up: Tensor<"float32">;
  readonly scale: number;
}

/**
 * Where a model's parameters come from when its graph is built: inputs of the graph (in training), or
 * regions of a weights file (in decoding). The model asks by name and shape.
 */
export interface Parameters {
  (name: string, shape: readonly number[]): Tensor<"float32">;
  /** A matrix `[inner, columns]`, where it is stored in few bits; undefined where it is not. */
  readonly quantized?: (name: string, shape: readonly number[]) => QuantizedMatrix | undefined;
  /** The adapter of a matrix of a linear layer, where it has one that is not merged with it. */
  readonly lora?: (name: string) => LoraMatrices | undefined;
}

/** Name → shape of every parameter of a model, in the order in which they are used. */
export type ParameterShapes = ReadonlyMap<string, readonly number[]>;

/** Parameters that are fed at every run. Asking twice for a name gives the same tensor. */
export function fedParameters(): Parameters {
  const known = new Map<string, Tensor<"float32">>();
  return (name, shape) => {
    if (!known.has(name)) known.set(name, input(name, "float32", shape));
    return known.get(name)!;
  };
}
