import {
  type BackboneSpec,
  type LanguageModelSpec,
  parseModelSpec,
  shapesOf,
} from "../nn/model_spec.ts";
import { displayedAs } from "../notebook/display.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import {
  configPath,
  openModelFolder,
  parametersIn,
  readModelConfig,
  type StoredParameters,
} from "../weights/model_folder.ts";
import { openArm } from "./arm.ts";
import { openDefined } from "./defined.ts";
import { openDexperts } from "./dexperts.ts";
import { openGedi } from "./gedi.ts";
import { openRad } from "./rad.ts";
import { type RadOptions, radOptions } from "./rad_options.ts";
import type { RewardModel } from "./reward_model.ts";
import { rewardModelLook } from "./reward_model_look.ts";

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
  checkArgument("openRewardModel", "path", { type: "text" }, path);
  checkArgument("openRewardModel", "device", deviceKind, device);
  const settled = settle("openRewardModel", radOptions, options);
  const spec = parseModelSpec(await readModelConfig(path), configPath(path));
  if (spec.kind === "lm") {
    throw new TypeError(
      `'${path}' holds a language model, not a reward model: train one with \`deno task train reward\`.`,
    );
  }
  if (spec.kind === "dexperts") return await openDexperts(spec, path, device);
  const folder = await openModelFolder(path);
  const model = openFrom(spec, parametersIn(folder, shapesOf(spec)), device, settled);
  return displayedAs(model, () => rewardModelLook(spec, model, [{ spec, folder }]));
}

/** A new kind is one more file and one case here. */
function openFrom(
  spec: Exclude<BackboneSpec, LanguageModelSpec>,
  parameters: StoredParameters,
  device: Device,
  options: RadOptions,
): RewardModel {
  switch (spec.kind) {
    case "arm":
      return openArm(spec, parameters, device);
    case "rad":
    case "fudge":
      return openRad(spec, parameters, device, options);
    case "gedi":
      return openGedi(spec, parameters, device);
    case "defined":
      return openDefined(spec, parameters, device);
  }
}
