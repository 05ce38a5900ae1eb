import type { Backbone } from "../models/backbone.ts";
import { parseModelSpec } from "../nn/model_spec.ts";
import { configPath, openModelFolder, readParameters } from "../weights/model_folder.ts";

/** A language model that training starts from. */
export interface InitialModel {
  readonly backbone: Backbone;
  /** By which a resumed run knows that it is the same model. */
  readonly id: string;
  /** Its parameters, read into memory. */
  parameters(): Promise<Map<string, Float32Array>>;
}

/**
 * Opens the language model that training starts from.
 *
 * @throws {TypeError} if the folder holds another kind of model.
 * @throws {Error} if it is no model folder.
 */
export async function openInitialModel(path: string): Promise<InitialModel> {
  const folder = await openModelFolder(path);
  const spec = parseModelSpec(folder.config, configPath(path));
  if (spec.kind !== "lm") {
    throw new TypeError(
      `The base '${path}' must be a language model, but holds a model of kind ${spec.kind}`,
    );
  }
  return {
    backbone: spec.backbone,
    id: await fileId(folder.weights.path),
    parameters: () => readParameters(folder, spec.backbone.shapes),
  };
}

/** What tells a folder's weights from others. */
export async function weightsId(path: string): Promise<string> {
  return await fileId((await openModelFolder(path)).weights.path);
}

/** The beginning of a file's SHA-256. */
async function fileId(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
