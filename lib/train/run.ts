import { createHash } from "node:crypto";
import { writeAtomically } from "../files/atomic_write.ts";
import { type ModelSpec, modelSpecJson } from "../nn/model_spec.ts";
import type { Device } from "../runtime/device.ts";
import { configPath, writeModelFolder } from "../weights/model_folder.ts";
import type { AdamWOptions } from "./adamw.ts";
import { hasCheckpoint, removeCheckpoint } from "./checkpoint.ts";
import { fingerprint, holdOut } from "./encode.ts";
import { fit, type FitOptions, recordIn } from "./fit.ts";
import { type FitResult, fitResult } from "./fit_result.ts";
import type { Example, Objective } from "./objective.ts";
import { Trainer } from "./trainer.ts";

/** Settings of every kind of training; those of `FitOptions` that a run sets itself are left out. */
export interface RunOptions
  extends
    Omit<FitOptions, "folder" | "run" | "label" | "evaluation" | "signal" | "onStep">,
    AdamWOptions {
  /** Folder of the model, its metrics and checkpoints. */
  out: string;
  /** Share of the texts kept for evaluation. Default 0.02. */
  holdOut?: number;
  /** Go on from the folder's checkpoint, if there is one; without it a checkpoint there is an error. Default false. */
  resume?: boolean;
  /** Stops after the current step. Stop in a notebook does so as well. */
  signal?: AbortSignal;
  onStep?: FitOptions["onStep"];
}

/** A model that a run is to make. */
export interface RunPlan {
  readonly spec: ModelSpec;
  readonly objective: Objective;
  readonly initial: ReadonlyMap<string, Float32Array>;
  readonly examples: readonly Example[];
  /** What else the result depends on, such as the base model. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Folder whose tokenizer goes with the model. */
  readonly tokenizer: string;
  readonly label: string;
}

/**
 * Trains a model and writes its folder. A run that was stopped or killed goes on from its checkpoint and ends
 * with the same weights; a run that was finished is not repeated when resumed. A run that its signal stopped leaves the
 * model as far as it is beside the checkpoint, unless it was stopped before its first step, or the folder holds the model
 * of a finished run.
 *
 * @throws {Error} if the folder holds another run's checkpoint, or this one's and `resume` is not set.
 */
export async function runTraining(
  { spec, objective, initial, examples, inputs, tokenizer, label }: RunPlan,
  options: RunOptions,
  device: Device,
): Promise<FitResult> {
  const { out, resume = false, holdOut: share = 0.02, seed = 0, signal, onStep, ...rest } = options;
  const { betas, epsilon, weightDecay, decayAll, maxGradNorm, ...schedule } = rest;
  const adamw = { betas, epsilon, weightDecay, decayAll, maxGradNorm };
  const config = modelSpecJson(spec);
  const settings = {
    ...rest,
    seed,
    holdOut: share,
    evaluateEvery: undefined,
    checkpointEvery: undefined,
  };
  const run = JSON.stringify({ config, ...inputs, data: fingerprint(examples), ...settings });
  const id = createHash("sha256").update(run).digest("hex");

  if (await hasCheckpoint(out) && !resume) {
    throw unfinishedRun(out);
  }
  const before = await finishedRun(out);
  if (resume && before === id) {
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

  const { training, evaluation } = holdOut(examples, share, seed);
  const accumulate = (schedule.parts ?? 1) > 1;
  await using trainer = await Trainer.open(objective, initial, device, {
    adamw: definedOnly(adamw),
    accumulate,
  });
  const result = await fit(trainer, training, {
    ...schedule,
    seed,
    evaluation,
    folder: out,
    run,
    label,
    signal,
    onStep,
  });
  if (result.steps === 0) return result;
  const { finished } = result;
  if (before !== undefined) {
    if (!finished) return fitResult({ ...result, keptFinished: true });
    await forgetRun(out);
  }
  await writeModelFolder(out, {
    config: finished ? { ...config, armature: { ...config.armature as object, run: id } } : config,
    shapes: objective.shapes,
    values: await trainer.parameters(),
    tokenizer,
  });
  if (finished) await removeCheckpoint(out);
  return result;
}

/** The error of a folder that would lose the checkpoint of another run. */
export function unfinishedRun(folder: string): Error {
  return new Error(
    `'${folder}' holds the checkpoint of a run that did not end: resume it, or use another folder`,
  );
}

/** The id of the run whose model a folder holds. */
async function finishedRun(out: string): Promise<string | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(configPath(out))).armature?.run;
  } catch {
    return undefined;
  }
}

/** Takes the run's id from a model that is about to be replaced, or it would stand beside the weights of another. */
async function forgetRun(out: string): Promise<void> {
  const config = JSON.parse(await Deno.readTextFile(configPath(out)));
  delete config.armature.run;
  await writeAtomically(configPath(out), JSON.stringify(config, null, 2) + "\n");
}

function definedOnly<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}
