import { trunkOf } from "../inference/trunk_of.ts";
import { parseLanguageModel } from "../models/language_model_spec.ts";
import { trunkParameters } from "../models/trunk.ts";
import type { AdapterBaseOptions } from "../weights/adapter_base.ts";
import { configPath, type ModelFolder, openModelFolder } from "../weights/model_folder.ts";
import { missingTensor, storedName } from "../weights/stored_name.ts";
import { isSameTrunk } from "../weights/trunk.ts";
import { headedModel, type HeadedSpec } from "./model_spec.ts";

/**
 * Opens the folder of a reward model. One that shares the trunk of its base model has its own weights, and those of that.
 *
 * @throws {Error} if the base model is not there, or is another than the one that it was trained on.
 */
export async function openHeadedFolder(
  path: string,
  spec: HeadedSpec,
  options: AdapterBaseOptions = {},
): Promise<ModelFolder> {
  const folder = await openModelFolder(path, options);
  const { trunk, backbone } = spec;
  if (!trunk) return folder;
  const { base, own } = folder.onTrunk!;
  const ofBase = parseLanguageModel(
    base.config,
    configPath(base.path),
    (kind) =>
      `'${path}' shares the trunk of a language model, but '${base.path}' holds a model of kind ${kind}`,
  );
  const has = await trunkOf(base, ofBase.backbone, trunk.blocks);
  if (!has || !isSameTrunk(trunk, has)) {
    throw new Error(
      `'${path}' shares the first ${trunk.blocks} blocks of another model than '${base.path}': name the one that it was ` +
        "trained on with --adapter-base (adapterBase).",
    );
  }
  const { above } = trunkParameters(backbone, trunk.blocks);
  for (const name of [...above.keys(), ...headedModel(spec).head.shapes.keys()]) {
    if (storedName(own, name) === undefined) throw missingTensor(own, name);
  }
  return folder;
}
