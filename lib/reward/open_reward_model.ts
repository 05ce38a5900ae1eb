import { parseModelSpec } from "../nn/model_spec.ts";
import type { Device } from "../runtime/device.ts";
import { configPath, openModelFolder, parametersIn } from "../weights/model_folder.ts";
import { openArm } from "./arm.ts";
import { openRad } from "./rad.ts";
import type { RewardModel } from "./reward_model.ts";

/** How each kind of reward model is opened. A new kind is one more file and one line here. */
const openers = { arm: openArm, rad: openRad };

/**
 * Opens a reward model from its folder.
 *
 * @throws {TypeError} if the folder holds a language model.
 * @throws {Error} if it is no model folder, or its weights do not fit its config.
 */
export async function openRewardModel(path: string, device: Device): Promise<RewardModel> {
  const folder = await openModelFolder(path);
  const spec = parseModelSpec(folder.config, configPath(path));
  if (spec.kind === "lm") {
    throw new TypeError(
      `'${path}' holds a language model, not a reward model: train one with \`deno task train reward\`.`,
    );
  }
  return await openers[spec.kind](spec, parametersIn(folder), device);
}
