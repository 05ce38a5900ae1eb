import { constant } from "../lib/graph/tensor.ts";
import { parseBackbone } from "../lib/models/architectures.ts";
import type { Backbone } from "../lib/models/backbone.ts";
import type { LanguageModelSpec } from "../lib/models/language_model_spec.ts";
import type { Parameters } from "../lib/models/parameters.ts";
import {
  configPath,
  openModelFolder,
  parametersIn,
  readParameters,
} from "../lib/weights/model_folder.ts";
import type { NumericArray } from "./compare.ts";

/** The model that all golden numbers were computed with. */
export interface GoldenModel {
  readonly backbone: Backbone;
  /** It as a base model. */
  readonly spec: LanguageModelSpec;
  /** Its parameters, read in place from the folder. */
  readonly parameters: Parameters;
  /** Copies of its parameters, to be trained. */
  values(): Promise<Map<string, Float32Array>>;
}

/** A head's parameters by the names that `lib/methods` has for them. */
export type HeadWeights = ReadonlyMap<string, NumericArray>;

/** Opens the model in `tiny-gpt2`. @throws what opening a model folder throws. */
export async function openGoldenModel(path: string): Promise<GoldenModel> {
  const folder = await openModelFolder(path);
  const backbone = parseBackbone(folder.config, configPath(path));
  return {
    backbone,
    spec: { kind: "lm", backbone, bos: false },
    parameters: await parametersIn(folder, backbone.shapes),
    values: () => readParameters(folder, backbone.shapes),
  };
}

/** The backbone's parameters and those of a head, which become part of the graph. */
export function withHead({ parameters }: GoldenModel, head: HeadWeights): Parameters {
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
