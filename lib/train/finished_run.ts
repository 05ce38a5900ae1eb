import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomically } from "../files/atomic_write.ts";
import { readJsonFile } from "../files/json_file.ts";
import { configPath, openModelFolder, readTensors } from "../weights/model_folder.ts";
import { openSafetensors, writeSafetensorsStream } from "../weights/safetensors.ts";
import { trainerTensors } from "./trainer_tensors.ts";
import type { Trainer } from "./trainer.ts";

/** A run whose model a folder holds. */
export interface FinishedRun {
  /** The hash of what it was. */
  readonly id: string;
  /** What it was, as JSON; undefined if the folder does not tell. */
  readonly run?: string;
  /** The steps that the model has taken. */
  readonly steps?: number;
}

/** What the run was, and how far it came. */
const runFile = "run.json";
/** The moments of its optimizer. */
const optimizerFile = "optimizer.safetensors";

/** What names a run. */
export function idOf(run: string): string {
  return createHash("sha256").update(run).digest("hex");
}

/** The run whose model a folder holds; undefined if it holds none, or one that was not trained here to the end. */
export async function finishedRun(folder: string): Promise<FinishedRun | undefined> {
  const id = await readJsonFile(configPath(folder)).then(
    (config) => (config as { armature?: { run?: string } }).armature?.run,
    () => undefined,
  );
  if (id === undefined) return undefined;
  const kept = await readJsonFile(join(folder, runFile)).catch(() => undefined) as
    | { run?: unknown; steps?: number }
    | undefined;
  const run = JSON.stringify(kept?.run);
  return run !== undefined && idOf(run) === id ? { id, run, steps: kept!.steps } : { id };
}

/** Keeps what a run was beside its model, and the moments of its optimizer, so that it can go on. */
export async function keepRun(
  folder: string,
  trainer: Trainer,
  { run, keepOptimizer, besides }: {
    readonly run: string;
    readonly keepOptimizer: boolean;
    /** Parameters that are no part of the model, and are kept with the moments. */
    readonly besides: ReadonlySet<string>;
  },
): Promise<void> {
  const path = join(folder, optimizerFile);
  if (keepOptimizer) {
    const isKept = (name: string) => besides.has(name) || !trainer.objective.shapes.has(name);
    const kept = [...trainer.changing.keys()].filter(isKept);
    await writeSafetensorsStream(path, trainerTensors(trainer, kept), { run: idOf(run) });
  } else await Deno.remove(path).catch(() => undefined);
  const kept = { run: JSON.parse(run), steps: trainer.steps };
  await writeAtomically(join(folder, runFile), JSON.stringify(kept, null, 2) + "\n");
}

/**
 * Takes up training where a finished run ended.
 *
 * @throws {Error} if the state of its optimizer was not kept.
 */
export async function goOnFrom(
  folder: string,
  { id, steps }: FinishedRun,
  trainer: Trainer,
  besides: ReadonlySet<string>,
): Promise<void> {
  const path = join(folder, optimizerFile);
  const moments = await openSafetensors(path).catch(() => undefined);
  if (moments?.metadata.run !== id || steps === undefined) {
    throw new Error(
      `The run in '${folder}' cannot go on, as the state of its optimizer ('${path}') was not kept: to train its model ` +
        "further, name it with --init (init) and another folder.",
    );
  }
  const { shapes } = trainer.objective;
  const model = await openModelFolder(folder);
  await trainer.restore(async (name) => {
    if (moments.tensors.has(name)) return await moments.readFloat32(name);
    const shape = besides.has(name) ? undefined : shapes.get(name);
    return shape && (await readTensors(model, new Map([[name, shape]]))).get(name);
  }, steps);
}

/** Takes the run's id from a model that is about to be replaced, or it would stand beside the weights of another. */
export async function forgetRun(folder: string): Promise<void> {
  const config = await readJsonFile(configPath(folder)) as { armature?: { run?: string } };
  if (config.armature?.run === undefined) return;
  delete config.armature.run;
  await writeAtomically(configPath(folder), JSON.stringify(config, null, 2) + "\n");
}
