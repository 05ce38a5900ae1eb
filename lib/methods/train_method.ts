import { loadTokenizer } from "../data/tokenizer.ts";
import type { LabelledTexts } from "../data/labelled_texts.ts";
import type { TokenizedTexts } from "../data/tokenized_texts.ts";
import { type Method, methodKind } from "./method.ts";
import { defineMethod, methodOf } from "./methods.ts";
import { headFill, initialize } from "../models/initialization.ts";
import { definedHeadOf, type DefinedSpec } from "./model_spec.ts";
import { interruptible } from "../notebook/interruption.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { Random } from "../random.ts";
import { openTeacherOf } from "./teacher.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { rateFor } from "../train/default_rate.ts";
import type { FitResult } from "../train/fit_result.ts";
import { openInitialModel, weightsId } from "../train/initial_model.ts";
import { rewardModelOptions } from "./reward_model_options.ts";
import { type RunPlan, runTraining } from "../train/run.ts";
import { examplesOf, rewardDataKind } from "./train_reward_model.ts";
import { trainingOptions } from "../train/training_options.ts";

/** What {@linkcode trainMethod} takes. */
export const trainMethodOptions = {
  base: rewardModelOptions.base,
  teacher: {
    type: "text",
    placeholder: "dir",
    help: "RAD model to distil from; labels are then not read",
  },
  ...trainingOptions,
} as const satisfies OptionTable;

export type TrainMethodOptions = OptionsOf<typeof trainMethodOptions>;

/**
 * Trains a model by a method of one's own on labelled texts, starting from a language model, and writes its folder, which
 * `openRewardModel` opens. Metrics, checkpoints and going on are as in `trainRewardModel`. A method that is not defined yet is
 * defined with this.
 *
 * @param data texts, or their token ids.
 * @throws {TypeError} if a folder holds another kind of model, or the head calls a parameter as the backbone does.
 * @throws {RangeError} if a setting is out of range, or the teacher has another vocabulary.
 */
export async function trainMethod(
  method: Method,
  data: LabelledTexts | TokenizedTexts,
  device: Device,
  options: TrainMethodOptions,
): Promise<FitResult> {
  checkArgument("trainMethod", "method", methodKind, method);
  checkArgument("trainMethod", "data", rewardDataKind, data);
  checkArgument("trainMethod", "device", deviceKind, device);
  if (methodOf(method.kind) !== method) defineMethod(method);
  const { base: path, teacher: teacherPath, signal, ...others } = settle(
    "trainMethod",
    trainMethodOptions,
    options,
  );
  const { learningRate = await rateFor(path) } = others;
  using work = interruptible(signal);
  await using resources = new AsyncDisposableStack();
  const plan = async (): Promise<RunPlan> => {
    const base = await openInitialModel(path);
    const { backbone } = base;
    const teacher = teacherPath === undefined
      ? undefined
      : resources.use(await openTeacherOf(backbone, teacherPath, device));
    const labels = teacher?.labels ?? data.labelNames;
    const spec: DefinedSpec = { kind: "defined", method, backbone, labels };
    const head = definedHeadOf(spec);
    const objective = method.objective(backbone, head, {
      labels: labels.length,
      teacher: teacher?.rewards,
    });
    const random = new Random(others.seed, "head");
    return {
      spec,
      objective,
      initial: new Map([
        ...await base.parameters(),
        ...initialize(head.shapes, head.fill ?? headFill, random),
      ]),
      examples: await examplesOf(data, await loadTokenizer(path), backbone),
      inputs: {
        base: base.id,
        teacher: teacherPath && await weightsId(teacherPath),
      },
      tokenizer: path,
      label: method.title,
    };
  };
  return await runTraining(plan, device, { ...others, learningRate, signal: work.signal });
}
