import { join } from "node:path";
import { openSafetensors, writeSafetensors } from "../weights/safetensors.ts";
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
 */
export async function saveCheckpoint(folder: string, trainer: Trainer, run: string): Promise<void> {
  const tensors = [...await trainer.snapshot()].map(([name, data]) =>
    [name, { dtype: "F32", shape: [data.length], data }] as const
  );
  await writeSafetensors(checkpointPath(folder), tensors, { run, steps: String(trainer.steps) });
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
  const path = checkpointPath(folder);
  if (!await exists(path)) return false;
  const file = await openSafetensors(path);
  const { run: saved, steps } = file.metadata;
  if (saved === undefined || !/^\d+$/.test(steps ?? "")) {
    throw new Error(`'${path}' is not a checkpoint of a training run: use another folder.`);
  }
  if (saved !== run) {
    throw new Error(
      `'${path}' is of a run with other settings (${difference(saved, run)}): ` +
        `resume with the same ones, or use another folder.`,
    );
  }
  const snapshot = new Map<string, Float32Array>();
  for (const name of file.tensors.keys()) snapshot.set(name, await file.readFloat32(name));
  await trainer.restore(snapshot, Number(steps));
  return true;
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

/** The settings in which two descriptions differ, by name. */
function difference(saved: string, run: string): string {
  const [a, b] = [saved, run].map((text) => {
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch {
      return { run: text };
    }
  }) as Record<string, unknown>[];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .map((key) => `${key}: ${JSON.stringify(a[key])} there, ${JSON.stringify(b[key])} here`)
    .join("; ");
}
