import { createHash } from "node:crypto";
import { trunkOf } from "../inference/trunk_of.ts";
import type { TrunkIdentity } from "../weights/trunk.ts";
import type { Backbone } from "../models/backbone.ts";
import { parseLanguageModel } from "../models/language_model_spec.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import {
  configPath,
  openModelFolder,
  parametersIn,
  readParameters,
  requireTrainable,
  type StoredParameters,
} from "../weights/model_folder.ts";
import { openFile } from "../files/open_file.ts";
import type { WeightsFile } from "../weights/weights_file.ts";

/** A language model that training starts from. */
export interface InitialModel {
  readonly backbone: Backbone;
  /** Whether it reads BOS before a text. */
  readonly bos: boolean;
  /** By which a resumed run knows that it is the same model. */
  readonly id: string;
  /** Its parameters, read into memory. */
  parameters(): Promise<Map<string, Float32Array>>;
  /** Its folder. */
  readonly path: string;
  /** These of its parameters, read into memory. */
  read(shapes: ParameterShapes): Promise<Map<string, Float32Array>>;
  /** What identifies its first blocks, on which another model may stand. @throws {TypeError} if nothing can. */
  trunkAt(blocks: number): Promise<TrunkIdentity | undefined>;
  /** These of its parameters where they stand, for a graph. */
  stored(shapes: ParameterShapes): Promise<StoredParameters>;
}

/**
 * Opens the language model that training starts from.
 *
 * @throws {TypeError} if the folder holds another kind of model, or a quantized one, which no gradient goes through.
 * @throws {Error} if it is no model folder.
 */
export async function openInitialModel(path: string): Promise<InitialModel> {
  const folder = await openModelFolder(path);
  requireTrainable(folder);
  const { backbone, bos } = parseLanguageModel(
    folder.config,
    configPath(path),
    (kind) => `The base '${path}' must be a language model, but holds a model of kind ${kind}`,
  );
  return {
    path,
    backbone,
    bos,
    id: await idOf(folder.weights),
    parameters: () => readParameters(folder, backbone.shapes),
    read: (shapes) => readParameters(folder, shapes),
    trunkAt: (blocks) => trunkOf(folder, backbone, blocks),
    stored: (shapes) => parametersIn(folder, shapes),
  };
}

/** What tells a folder's weights from others. */
export async function weightsId(path: string): Promise<string> {
  return await idOf((await openModelFolder(path)).weights);
}

/** The beginning of the SHA-256 of all the files that weights are in, read in pieces. */
async function idOf({ path, tensors }: WeightsFile): Promise<string> {
  const hash = createHash("sha256");
  const files = new Set([...tensors.values()].map((tensor) => tensor.path ?? path));
  for (const file of files) {
    using opened = await openFile(file);
    for await (const bytes of opened.readable) hash.update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}
