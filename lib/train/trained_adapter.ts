import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import type { NewAdapter } from "../weights/adapter.ts";
import type { SafetensorsTensor } from "../weights/safetensors.ts";

/** An adapter in training. */
export interface TrainedAdapter {
  /** The frozen weights of the base model. */
  readonly stored: Parameters;
  /** What its adapter_config.json is to say. */
  readonly adapter: Omit<NewAdapter, "base" | "revision">;
  /** The folder of the base model. */
  readonly base: string;
  /** What trains, by the names that it has in the language model. */
  tensors(
    shapes: ParameterShapes,
    values: ReadonlyMap<string, Float32Array>,
  ): [name: string, tensor: SafetensorsTensor][];
}
