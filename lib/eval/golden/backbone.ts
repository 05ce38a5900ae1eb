import { constant } from "../../graph/tensor.ts";
import { gpt2Shapes } from "../../nn/gpt2.ts";
import { type Gpt2Config, parseGpt2Config } from "../../nn/gpt2_config.ts";
import type { LanguageModelSpec } from "../../nn/model_spec.ts";
import type { Parameters } from "../../nn/parameters.ts";
import {
  configPath,
  openModelFolder,
  parametersIn,
  readParameters,
} from "../../weights/model_folder.ts";
import type { NumericArray } from "./compare.ts";

/** The GPT-2 that all golden numbers were computed with. */
export interface Backbone {
  readonly config: Gpt2Config;
  /** It as a base model. */
  readonly spec: LanguageModelSpec;
  /** Its parameters, read in place from the folder. */
  readonly parameters: Parameters;
  /** Copies of its parameters, to be trained. */
  values(): Promise<Map<string, Float32Array>>;
}

/** A head's parameters by the names that `lib/nn` has for them. */
export type HeadWeights = ReadonlyMap<string, NumericArray>;

/** Opens the model in `tiny-gpt2`. @throws what opening a model folder throws. */
export async function openBackbone(path: string): Promise<Backbone> {
  const folder = await openModelFolder(path);
  const config = parseGpt2Config(folder.config, configPath(path));
  return {
    config,
    spec: { kind: "lm", config, bos: false },
    parameters: parametersIn(folder, gpt2Shapes(config)),
    values: () => readParameters(folder, gpt2Shapes(config)),
  };
}

/** The backbone's parameters and those of a head, which become part of the graph. */
export function withHead({ parameters }: Backbone, head: HeadWeights): Parameters {
  const constants = new Map(
    [...head].map(([name, { shape, data }]) =>
      [name, constant("float32", shape, Float32Array.from(data))] as const
    ),
  );
  return (name, shape) => {
    const weight = constants.get(name);
    if (weight && weight.shape.join() !== shape.join()) {
      throw new RangeError(
        `The head's ${name} has the shape [${weight.shape}], but the model needs [${shape}]`,
      );
    }
    return weight ?? parameters(name, shape);
  };
}
