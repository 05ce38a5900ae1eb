import { join } from "node:path";
import {
  openSafetensors,
  type SafetensorsFile,
  writeSafetensorsStream,
} from "../weights/safetensors.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import { parametersIn, type StoredParameters } from "../weights/model_folder.ts";
import { requireFinite } from "./not_finite.ts";
import { namedDifferences, runDifferences } from "./run_differences.ts";
import { trainerTensors } from "./trainer_tensors.ts";
import type { Trainer } from "./trainer.ts";

/** The one file of a checkpoint: parameters and moments, and what run they belong to. */
export function checkpointPath(folder: string): string {
  return join(folder, "checkpoint.safetensors");
}

/**
 * Writes a run's state, under a temporary name and renamed: whenever the process is killed, the folder holds
 * a whole checkpoint or none. Data order and random numbers follow from the settings and the step.
 *
 * @param run what the run is, in words that a resumed run must repeat: data, model and settings.
 * @throws {NotFinite} if the state is not all numbers: the checkpoint before stays.
 */
export async function saveCheckpoint(folder: string, trainer: Trainer, run: string): Promise<void> {
  await requireFinite(trainer, trainer.changing.keys());
  const metadata = { run, steps: String(trainer.steps) };
  await writeSafetensorsStream(
    checkpointPath(folder),
    trainerTensors(trainer, trainer.changing.keys()),
    metadata,
  );
}

/**
 * Takes up training at a folder's checkpoint, if there is one.
 *
 * @returns whether there was one.
 * @throws {Error} if it is of a run with other data or settings, or is broken.
 */
export async function loadCheckpoint(
  folder: string,
  trainer: Trainer,
  run: string,
): Promise<boolean> {
  const checkpoint = await checkpointOf(folder, run);
  if (!checkpoint) return false;
  const { file, steps } = checkpoint;
  await trainer.restore(
    async (name) => file.tensors.has(name) ? await file.readFloat32(name) : undefined,
    steps,
  );
  return true;
}

/**
 * A folder's checkpoint, which is of this run; undefined if there is none.
 *
 * @throws {Error} if it is of a run with other data or settings, or is broken.
 */
export async function checkpointOf(
  folder: string,
  run: string,
): Promise<{ file: SafetensorsFile; steps: number } | undefined> {
  const checkpoint = await openCheckpoint(folder);
  if (checkpoint === undefined || checkpoint.run === run) return checkpoint;
  throw new Error(
    `'${checkpoint.file.path}' is of a run with other settings (${
      namedDifferences(runDifferences(checkpoint.run, run))
    }): ` +
      "resume with the same ones, replace it with --overwrite (overwrite: true), or use another folder.",
  );
}

/** The parameters of a folder's checkpoint where they stand, for a graph: the model as it was then. */
export async function parametersInCheckpoint(
  folder: string,
  shapes: ParameterShapes,
): Promise<StoredParameters> {
  const weights = await openSafetensors(await Deno.realPath(checkpointPath(folder)));
  return await parametersIn({ path: folder, config: undefined, weights }, shapes);
}

/** Whether a folder holds a checkpoint of this run. @throws {Error} if it holds something else under that name. */
export async function hasCheckpointOf(folder: string, run: string): Promise<boolean> {
  return (await openCheckpoint(folder))?.run === run;
}

/** A folder's checkpoint, and what run it is of; undefined if there is none. */
async function openCheckpoint(
  folder: string,
): Promise<{ file: SafetensorsFile; run: string; steps: number } | undefined> {
  const path = checkpointPath(folder);
  if (!await exists(path)) return undefined;
  const file = await openSafetensors(path);
  const { run, steps } = file.metadata;
  if (run === undefined || !/^\d+$/.test(steps ?? "")) {
    throw new Error(`'${path}' is not a checkpoint of a training run: use another folder.`);
  }
  return { file, run, steps: Number(steps) };
}

/** Whether a folder holds a checkpoint. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  return await exists(checkpointPath(folder));
}

/** Removes a folder's checkpoint, once what it led to has been written. */
export async function removeCheckpoint(folder: string): Promise<void> {
  await Deno.remove(checkpointPath(folder)).catch(() => undefined);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
