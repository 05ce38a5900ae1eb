import { join } from "node:path";
import { writeAtomically } from "../files/atomic_write.ts";
import { makeFolder } from "../files/make_folder.ts";
import { type BackboneSpec, modelSpecJson, shapesOf } from "../methods/model_spec.ts";
import { headFill } from "../models/initialization.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import { configPath } from "../weights/model_folder.ts";
import { type RandomWeightsOptions, writeRandomWeights } from "./random_weights.ts";

/**
 * Writes the folder of a model with random weights, without a tokenizer.
 *
 * @param parameters those in the file. Default: the model's own.
 * @throws what `writeRandomWeights` throws.
 */
export async function writeRandomModel(
  folder: string,
  spec: BackboneSpec,
  { parameters = shapesOf(spec), ...options }:
    & Omit<RandomWeightsOptions, "fill">
    & { parameters?: ParameterShapes } = {},
): Promise<void> {
  const { backbone } = spec;
  await makeFolder(folder);
  await writeAtomically(configPath(folder), JSON.stringify(modelSpecJson(spec)));
  await writeRandomWeights(join(folder, "model.safetensors"), parameters, {
    ...options,
    fill: (name) => (backbone.shapes.has(name) ? backbone.fill : headFill)(name),
  });
}
