import { type BackboneSpec, parseModelSpec, shapesOf } from "../nn/model_spec.ts";
import type { Device } from "../runtime/device.ts";
import {
  configPath,
  openModelFolder,
  parametersIn,
  readModelConfig,
} from "../weights/model_folder.ts";
import { openArm } from "./arm.ts";
import { openDexperts } from "./dexperts.ts";
import { openGedi } from "./gedi.ts";
import { openRad, type RadOptions } from "./rad.ts";
import type { RewardModel } from "./reward_model.ts";

/**
 * Opens a reward model from its folder.
 *
 * @throws {TypeError} if the folder holds a language model.
 * @throws {Error} if it is no model folder, or its weights do not fit its config.
 */
export async function openRewardModel(
  path: string,
  device: Device,
  options: RadOptions = {},
): Promise<RewardModel> {
  const spec = parseModelSpec(await readModelConfig(path), configPath(path));
  const parameters = async (spec: BackboneSpec) =>
    parametersIn(await openModelFolder(path), shapesOf(spec));
  // a new kind is one more file and one case here
  switch (spec.kind) {
    case "lm":
      throw new TypeError(
        `'${path}' holds a language model, not a reward model: train one with \`deno task train reward\`.`,
      );
    case "arm":
      return openArm(spec, await parameters(spec), device);
    case "rad":
    case "fudge":
      return openRad(spec, await parameters(spec), device, options);
    case "gedi":
      return openGedi(spec, await parameters(spec), device);
    case "dexperts":
      return await openDexperts(spec, path, device);
  }
}
