import {
  type BackboneSpec,
  type LanguageModelSpec,
  parseModelSpec,
  shapesOf,
} from "./model_spec.ts";
import { displayedAs } from "../notebook/display.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { modelAt } from "../weights/hub.ts";
import { hubOptions } from "../weights/hub/hub_options.ts";
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

/** What `openRewardModel` takes. */
export const openRewardModelOptions = {
  ...radOptions,
  ...hubOptions,
} as const satisfies OptionTable;

/** What `openRewardModel` takes. */
export type OpenRewardModelOptions = OptionsOf<typeof openRewardModelOptions>;

/**
 * Opens a reward model.
 *
 * @param what its folder, or its name on the hub, such as `owner/name`, from where it is fetched.
 * @throws {TypeError} if the folder holds a language model.
 * @throws {Error} if it is no model folder, or its weights do not fit its config.
 */
export async function openRewardModel(
  what: string,
  device: Device,
  options: OpenRewardModelOptions = {},
): Promise<RewardModel> {
  checkArgument("openRewardModel", "what", { type: "text" }, what);
  checkArgument("openRewardModel", "device", deviceKind, device);
  const { plain, ...hub } = settle("openRewardModel", openRewardModelOptions, options);
  const path = await modelAt(what, hub);
  const spec = parseModelSpec(await readModelConfig(path), configPath(path));
  if (spec.kind === "lm") {
    throw new TypeError(
      `'${path}' holds a language model, not a reward model: train one with \`deno task train reward\`.`,
    );
  }
  if (spec.kind === "dexperts") return await openDexperts(spec, path, device);
  const folder = await openModelFolder(path);
  const model = openFrom(spec, parametersIn(folder, shapesOf(spec)), device, { plain });
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
