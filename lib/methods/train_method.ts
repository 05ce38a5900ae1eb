import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import type { FitResult } from "../train/fit_result.ts";
import { trainingOptions } from "../train/training_options.ts";
import { type AnySettings, type HeadedMethod, methodKind } from "./method.ts";
import { define, methodOf } from "./mod.ts";
import { commonSettings, rewardModelOptions } from "./reward_model_options.ts";
import { type RewardData, rewardDataKind } from "./reward_data.ts";
import { trainBy } from "./train_reward_model.ts";

/** What {@linkcode trainMethod} takes beside the settings of its method. */
export const trainMethodOptions = {
  base: rewardModelOptions.base,
  ...commonSettings,
  ...trainingOptions,
} as const satisfies OptionTable;

/** What {@linkcode trainMethod} takes beside the settings of its method. */
export type TrainMethodOptions = OptionsOf<typeof trainMethodOptions>;

/**
 * Trains a model by a method of one's own on labelled texts, starting from a language model, and writes its folder, which
 * `openRewardModel` opens. Metrics, checkpoints and going on are as in `trainRewardModel`. A method that is not defined yet is
 * defined with this.
 *
 * @param data texts, or their token ids; or preference pairs, of which its objective is told.
 * @throws {TypeError} if a folder holds another kind of model, or the head calls a parameter as the backbone does.
 * @throws {RangeError} if a setting is out of range, or the teacher has another vocabulary.
 */
export async function trainMethod(
  method: HeadedMethod,
  data: RewardData,
  device: Device,
  options: TrainMethodOptions & AnySettings,
): Promise<FitResult> {
  checkArgument("trainMethod", "method", methodKind, method);
  checkArgument("trainMethod", "data", rewardDataKind, data);
  checkArgument("trainMethod", "device", deviceKind, device);
  if (methodOf(method.kind) !== method) define(method);
  return await trainBy("trainMethod", method, data, device, options);
}
