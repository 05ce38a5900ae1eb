import { findModel } from "../weights/pretrained/find_model.ts";
import {
  commandToGet,
  type KnownModelName,
  knownModels,
} from "../weights/pretrained/known_models.ts";
import type { Notebook } from "./notebook_file.ts";

/**
 * What a notebook lacks on this machine of the pretrained models that its metadata names.
 *
 * @returns one sentence, or nothing where all are there.
 * @throws {TypeError} if it names a model that nobody knows.
 */
export async function lackedModel(
  { metadata }: Notebook,
  environment?: (name: string) => string | undefined,
): Promise<string | undefined> {
  for (const name of metadata.armature_needs ?? []) {
    if (!Object.hasOwn(knownModels, name)) {
      throw new TypeError(
        `A notebook needs the model '${name}': name one of ${Object.keys(knownModels).join(", ")}`,
      );
    }
    const known = name as KnownModelName;
    if (await findModel(known, {}, environment) !== undefined) continue;
    return `${knownModels[known].title} is not on this machine: get it with '${
      commandToGet(known)
    }', or name the folder that it is in by ARMATURE_MODELS.`;
  }
}
