import { loadTokenizer } from "../data/tokenizer.ts";
import type { LabelledTexts } from "../data/labelled_texts.ts";
import type { TokenizedTexts } from "../data/tokenized_texts.ts";
import type { Method } from "../methods/method.ts";
import { defineMethod, methodOf } from "../methods/methods.ts";
import { headFill, initialize } from "../models/initialization.ts";
import { definedHeadOf, type DefinedSpec } from "../nn/model_spec.ts";
import { interruptible } from "../notebook/interruption.ts";
import { Random } from "../random.ts";
import { openTeacherOf } from "../reward/teacher.ts";
import type { Device } from "../runtime/device.ts";
import type { FitResult } from "./fit_result.ts";
import { openInitialModel, weightsId } from "./initial_model.ts";
import { type RunOptions, type RunPlan, runTraining } from "./run.ts";
import { examplesOf } from "./train_reward_model.ts";

/** The options of {@linkcode trainMethod}. */
export interface TrainMethodOptions extends RunOptions {
  /** Folder of the language model that lends backbone, embeddings and tokenizer. */
  base: string;
  /** Folder of a RAD model to distil from. Default: learn from the labels. */
  teacher?: string;
}

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
  if (methodOf(method.kind) !== method) defineMethod(method);
  const { base: path, teacher: teacherPath, signal, ...others } = options;
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
    const random = new Random(others.seed ?? 0, "head");
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
  return await runTraining(plan, { ...others, signal: work.signal }, device);
}
