import { isFinished, keepFinished } from "../files/finished_output.ts";
import { lockFolder } from "../files/folder_lock.ts";
import { settle } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import {
  configPath,
  type TokenizerSource,
  writeAdapterFolder,
  writeStreamedFolder,
} from "../weights/model_folder.ts";
import type { TrainedAdapter } from "./trained_adapter.ts";
import { checkpointOf, hasCheckpoint, hasCheckpointOf, removeCheckpoint } from "./checkpoint.ts";
import { fingerprint, holdOut } from "./encode.ts";
import {
  type FinishedRun,
  finishedRun,
  forgetRun,
  goOnFrom,
  idOf,
  keepRun,
} from "./finished_run.ts";
import { fit, recordIn, stepsOf } from "./fit.ts";
import type { FitOptions } from "./fit_options.ts";
import { type FitResult, fitResult } from "./fit_result.ts";
import { locatedNotFinite } from "./located_not_finite.ts";
import { NotFinite, requireFinite } from "./not_finite.ts";
import { type Example, longest, type Objective } from "./objective.ts";
import { namedDifferences, type RunDifference, runDifferences } from "./run_differences.ts";
import { Trainer } from "./trainer.ts";
import { trainerTensors } from "./trainer_tensors.ts";
import type { TextReading } from "./text_reading.ts";
import {
  machineMemory,
  requireMemory,
  trainingMemory,
  withReading,
  withTexts,
} from "./training_memory.ts";
import { type RunOptions, runOptions } from "./training_options.ts";

/** A model that a run is to make. */
export interface RunPlan {
  /** What its folder's `config.json` says. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly objective: Objective;
  /** Values that belong to the run, which trains in their arrays. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  readonly examples: readonly Example[];
  /** Parameters of the objective that are another model's, and are not written. Default: there are none. */
  readonly borrowed?: ReadonlySet<string>;
  /**
   * What is read of the texts before the first step, which gives the objective and its initial values; until then the
   * objective has no more than its graph. Default: nothing is read.
   */
  readonly reading?: TextReading;
  /** Bytes that a teacher's rewards of the texts take, which are kept as they come. Default 0. */
  readonly remembered?: number;
  /** How the run goes, where it is not epoch by epoch through the examples. Default: so. */
  readonly course?: Course;
  /** Parameters of the objective that are no part of the model, such as a head that only training needs. Default: none. */
  readonly besides?: ReadonlySet<string>;
  /** What else the result depends on, such as the base model. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The tokenizer that goes with the model. */
  readonly tokenizer: TokenizerSource;
  readonly label: string;
  /** The adapter that is trained in place of the whole model, and where the frozen weights are. Default: all of it trains. */
  readonly adapter?: TrainedAdapter;
}

/** A way through a run's steps, such as by texts that the model itself writes. */
export interface Course {
  /** How many steps it has. */
  readonly steps: number;
  /** The longest text that a step reads, in tokens. */
  readonly longest: number;
  /** Takes the trainer from its folder's checkpoint, if there is one, to the last step, or to where the signal stops it. */
  run(trainer: Trainer, options: FitOptions): Promise<FitResult>;
}

/**
 * Trains a model and writes its folder, which it has for itself meanwhile. What is finished there, or not finished, is
 * replaced only with `overwrite`.
 *
 * With `resume`, a run that was stopped or killed goes on from its checkpoint and ends with the same weights; one that was
 * finished is not repeated, and with more epochs or steps it goes on from its end. A run that its signal stopped leaves the
 * model as far as it is beside the checkpoint, unless it was stopped before its first step, or the folder holds the model
 * of a finished run.
 *
 * What is no longer a finite number ends a run, which names the step, the texts of its batch and the last good checkpoint: the
 * losses and the norm of the gradients at every step, parameters and moments before they are written.
 *
 * @param plan is asked once the folder may be written.
 * @throws {Error} if another run writes the folder, or it holds what may not be replaced: the error says in what settings
 *   it differs.
 */
export async function runTraining(
  plan: () => Promise<RunPlan>,
  device: Device,
  options: RunOptions,
): Promise<FitResult> {
  const { out, resume, overwrite, keepOptimizer, ...given } = settle(
    "runTraining",
    runOptions,
    options,
  );
  // what `lora` asks for is in the plan, and in its inputs
  const { lora: _, onStart, holdOut: share, signal, onStep, evaluateEvery, ...others } = given;
  // the steps are the same with it and without
  const { checkpointEvery, recompute, ...settings } = others;
  const { betas, epsilon, weightDecay, decayAll, maxGradNorm, ...steps } = settings;
  const adamw = { betas, epsilon, weightDecay, decayAll, maxGradNorm };
  await using _lock = await lockFolder(out);
  if (!resume && !overwrite) {
    if (await hasCheckpoint(out)) throw unfinishedRun(out);
    await keepFinished(out, overwrite, configPath(out));
  }

  const planned = await plan();
  const { config, examples, inputs, tokenizer, label, adapter, borrowed, reading, course } =
    planned;
  const run = JSON.stringify({
    config,
    ...inputs,
    data: fingerprint(examples),
    ...settings,
    holdOut: share,
  });
  const before = await finishedRun(out);
  if (resume && before?.id === idOf(run)) {
    await removeCheckpoint(out);
    return fitResult({
      steps: 0,
      finished: true,
      seconds: 0,
      folder: out,
      // a copy of a model may lack its metrics, or have them torn
      ...await recordIn(out).catch(() => ({ curve: [] })),
    });
  }

  const { training, evaluation } = holdOut(examples, share, settings.seed);
  const start = await startOf(out, run, {
    before,
    resume,
    overwrite,
    steps: course?.steps ?? stepsOf(training.length, settings),
  });
  const checkpoint = start.from === "checkpoint" ? await checkpointOf(out, run) : undefined;
  const trained = {
    adamw,
    accumulate: settings.accumulationSteps > 1,
    recompute,
    inPlace: true,
    stored: adapter?.stored,
  };
  const rows = course ? settings.batchSize : Math.min(settings.batchSize, training.length);
  const computed = device.name !== "cpu" ? undefined : trainingMemory(planned.objective, trained, {
    batch: Math.ceil(rows / settings.accumulationSteps),
    time: (course?.longest ?? longest(training)) + 1,
  });
  const ofTraining = computed && withTexts(computed, planned.remembered ?? 0);
  const machine = machineMemory() ?? Infinity;
  const whole = ofTraining &&
    (reading ? withReading(ofTraining, { ...reading, ends: true }) : ofTraining);
  const keep = !whole || whole.total <= machine;
  const memory = reading && ofTraining && !keep
    ? withReading(ofTraining, { ...reading, kept: 0, ends: false })
    : whole;
  if (memory) {
    onStart?.(memory);
    requireMemory(memory, machine);
  }
  await using read = await reading?.read({ keep, signal });
  if (reading && !read) {
    const steps = checkpoint?.steps ?? 0;
    return fitResult({ steps, finished: false, seconds: 0, folder: out, curve: [] });
  }
  const { objective, initial } = read ?? planned;
  await using trainer = await Trainer.open(objective, initial, device, trained);
  const { besides = new Set() } = planned;
  if (start.from === "finished") await goOnFrom(out, before!, trainer, besides);
  if (start.from === "nothing") await removeCheckpoint(out);
  const settled: FitOptions = {
    ...steps,
    evaluateEvery,
    checkpointEvery,
    evaluation,
    folder: out,
    run,
    label,
    signal,
    onStep,
  };
  let ended: FitResult;
  try {
    ended = await (course?.run(trainer, settled) ?? fit(trainer, training, settled));
    if (ended.steps > 0) await requireFinite(trainer, trainer.trained);
  } catch (error) {
    if (!(error instanceof NotFinite)) throw error;
    throw await locatedNotFinite(error, examples, { folder: out, run });
  }
  if (ended.steps === 0) return ended;
  const { finished } = ended;
  const result = fitResult({
    ...ended,
    ...(start.from === "finished" && { wentOn: wentOnFrom(before!, start.differences, settings) }),
  });
  if (before !== undefined) {
    if (!finished) return fitResult({ ...result, keptFinished: true });
    await forgetRun(out);
  }
  if (finished) await keepRun(out, trainer, { run, keepOptimizer, besides });
  const written = finished
    ? { ...config, armature: { ...config.armature as object, run: idOf(run) } }
    : config;
  const shapes = new Map(
    [...objective.shapes].filter(([name]) => !borrowed?.has(name) && !besides.has(name)),
  );
  if (adapter) {
    const values = new Map(
      [...await trainer.parameters()].filter(([name]) => !besides.has(name)),
    );
    const tensors = adapter.tensors(shapes, values);
    await writeAdapterFolder(out, { ...adapter, config: written, tensors, tokenizer });
  } else {
    const tensors = trainerTensors(trainer, shapes.keys());
    await writeStreamedFolder(out, { config: written, tensors, tokenizer });
  }
  if (finished) await removeCheckpoint(out);
  return result;
}

/** Where a run begins: anew, at its own checkpoint, or where a finished one ended that was to be shorter. */
type Start =
  | { readonly from: "nothing" | "checkpoint" }
  | { readonly from: "finished"; readonly differences: readonly RunDifference[] };

/** The settings that say how long a run is. */
const lengths = ["epochs", "maxSteps", "iterations"];

/** @throws {Error} if the folder holds another run, which may not be replaced. */
async function startOf(
  out: string,
  run: string,
  { before, resume, overwrite, steps }: {
    readonly before: FinishedRun | undefined;
    readonly resume: boolean;
    readonly overwrite: boolean;
    readonly steps: number;
  },
): Promise<Start> {
  if (!resume) return { from: "nothing" };
  if (await hasCheckpoint(out)) {
    // where it is of another run, loading it says in what they differ
    const isOurs = !overwrite || await hasCheckpointOf(out, run);
    return { from: isOurs ? "checkpoint" : "nothing" };
  }
  if (!await isFinished(configPath(out))) return { from: "nothing" };
  const differences = before?.run === undefined ? undefined : runDifferences(before.run, run);
  const isLonger = differences?.every(({ name }) => lengths.includes(name)) &&
    steps > (before?.steps ?? Infinity);
  if (differences && isLonger) return { from: "finished", differences };
  if (overwrite) return { from: "nothing" };
  const others = differences === undefined
    ? "that this run does not know"
    : namedDifferences(differences);
  throw new Error(
    `'${out}' holds a finished model of other settings (${others}): resume with the same ones or more epochs, replace it with ` +
      "--overwrite (overwrite: true), or name it with --init (init) and another folder to train it further.",
  );
}

function wentOnFrom(
  { steps }: FinishedRun,
  differences: readonly RunDifference[],
  { schedule }: Pick<RunOptions, "schedule">,
): string {
  const changed = `step ${steps} of a finished run with other settings (${
    namedDifferences(differences)
  })`;
  return schedule === "constant"
    ? changed
    : `${changed}, whose learning rate had fallen by then, so that this is not the model of a run of that length from the start`;
}

/** The error of a folder that would lose the checkpoint of another run. */
export function unfinishedRun(folder: string): Error {
  return new Error(
    `'${folder}' holds the checkpoint of a run that did not end: go on with --resume (resume: true), replace it with ` +
      "--overwrite (overwrite: true), or use another folder",
  );
}
