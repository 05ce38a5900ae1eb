import { basename, join } from "node:path";
import { removeAbandoned } from "../files/atomic_write.ts";
import { JsonLinesLog, readJsonLines } from "../files/json_lines.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import { Turns } from "../turns.ts";
import { makeFolder } from "../files/make_folder.ts";
import { batchesOf } from "./batches.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { type FitResult, fitResult } from "./fit_result.ts";
import { LiveCurve } from "./live_curve.ts";
import { LossCurve } from "./loss_curve.ts";
import { lossesNamed, type MetricsRow, named } from "./metrics_row.ts";
import { type Example, longest, type Part } from "./objective.ts";
import { rateAt, type Schedule } from "./schedule.ts";
import type { Losses, Trainer } from "./trainer.ts";

export interface FitOptions extends Schedule {
  /** Passes over the data. Default 5 (the paper). */
  epochs?: number;
  /** Ends after so many steps, if that is sooner. Default: no limit. */
  maxSteps?: number;
  /** Texts in a batch. Default 100 (the paper). */
  batchSize?: number;
  /** Parts that a batch is computed in; the trainer must accumulate if there are several. Default 1. */
  parts?: number;
  /** Default 0. */
  seed?: number;
  /** Texts to evaluate on. Default: none. */
  evaluation?: readonly Example[];
  /** Steps between evaluations. Default: one evaluation at the end of each epoch. */
  evaluateEvery?: number;
  /** Steps between checkpoints. Default 200. */
  checkpointEvery?: number;
  /** Folder for `metrics.jsonl` and the checkpoint. Default: neither is written. */
  folder?: string;
  /** What the run is (data, model, settings): a checkpoint with another description is refused. */
  run?: string;
  /** What the progress bar calls the run. Default "Training". */
  label?: string;
  /** Stops after the current step, with a checkpoint. */
  signal?: AbortSignal;
  /** Called after every step. */
  onStep?: (row: MetricsRow) => void;
}

/**
 * Trains over the examples. With a folder, the run writes metrics and checkpoints there, and goes on from a
 * checkpoint that it finds; a resumed run ends with the same weights as one that was never stopped. In a notebook the
 * losses are drawn as they come.
 *
 * @throws {RangeError} if there are no examples or an option is out of range.
 */
export async function fit(
  trainer: Trainer,
  examples: readonly Example[],
  options: FitOptions,
): Promise<FitResult> {
  const { epochs = 5, maxSteps = Infinity, batchSize = 100, seed = 0, parts = 1 } = options;
  const { folder, run = "", checkpointEvery = 200, signal, rate, warmup = 0 } = options;
  positive({ epochs, maxSteps, rate });
  positiveIntegers({
    batchSize,
    parts,
    checkpointEvery,
    evaluateEvery: options.evaluateEvery ?? 1,
  });
  if (!(warmup >= 0)) {
    throw new RangeError(`Training needs a 'warmup' of 0 steps or more: it is ${warmup}.`);
  }
  if (examples.length === 0) throw new RangeError("There are no texts to train on.");

  const lengths = Uint32Array.from(examples, ({ ids }) => ids.length);
  const perEpoch = Math.ceil(examples.length / batchSize);
  const steps = stepsOf(examples.length, { epochs, maxSteps, batchSize });
  const evaluateEvery = options.evaluateEvery ?? perEpoch;

  if (folder !== undefined) {
    await makeFolder(folder);
    await removeAbandoned(folder);
    await loadCheckpoint(folder, trainer, run);
  }
  const curve = new LossCurve();
  using log = folder === undefined ? undefined : await JsonLinesLog.open(metricsPath(folder), {
    keep(row) {
      const isBefore = (row.step as number) <= trainer.steps;
      if (isBefore) curve.add(row as MetricsRow);
      return isBefore;
    },
  });
  const start = performance.now();
  const label = options.label ?? "Training";
  await using live = LiveCurve.here(folder === undefined ? label : basename(folder), curve);
  const progress = new Progress({
    label,
    total: steps,
    unit: "steps",
    start: trainer.steps,
    output: live,
  });

  const evaluated = options.evaluation?.length
    ? partsToEvaluate(options.evaluation, { batchSize, seed })
    : undefined;
  const constantLosses = evaluated && await trainer.constantLosses(examples, evaluated());
  const turns = new Turns();
  let losses: Losses | undefined;
  let evaluation: Losses | undefined;
  let batches: Uint32Array[] = [];
  let epoch = -1;
  while (trainer.steps < steps && !signal?.aborted) {
    const began = performance.now();
    const current = Math.floor(trainer.steps / perEpoch);
    if (current !== epoch) batches = batchesOf(lengths, { batchSize, seed, epoch: current });
    epoch = current;
    const batch = [...batches[trainer.steps % perEpoch]].map((i) => examples[i]);
    const step = trainer.steps + 1;
    const stepRate = rateAt(options, step, steps);
    const random = new Random(seed, "step", step);
    losses = await trainer.step(cut(batch, parts, random), stepRate);
    const seconds = (performance.now() - began) / 1000;
    const tokens = batch.reduce((sum, { ids }) => sum + ids.length, 0);
    const row: MetricsRow = {
      step,
      epoch: step / perEpoch,
      rate: stepRate,
      ...losses,
      tokens_per_second: Math.round(tokens / seconds),
    };
    if (evaluated && (step % evaluateEvery === 0 || step === steps)) {
      evaluation = await trainer.evaluate(evaluated());
      Object.assign(row, named("eval", evaluation), named("constant", constantLosses ?? {}));
    }
    log?.append(row);
    curve.add(row);
    options.onStep?.(row);
    await turns.take();
    progress.update(step, `loss ${losses.loss.toPrecision(4)}`);
    if (folder !== undefined && (step % checkpointEvery === 0 || signal?.aborted)) {
      await saveCheckpoint(folder, trainer, run);
    }
  }
  progress.done(losses && `loss ${losses.loss.toPrecision(4)}`);
  return fitResult({
    steps: trainer.steps,
    finished: trainer.steps >= steps,
    seconds: (performance.now() - start) / 1000,
    losses,
    ...(evaluation && { evaluation, evaluatedTexts: options.evaluation!.length, constantLosses }),
    folder,
    curve: curve.points,
  });
}

/** The steps of a run over so many texts. */
export function stepsOf(
  texts: number,
  { epochs = 5, maxSteps = Infinity, batchSize = 100 }: Pick<
    FitOptions,
    "epochs" | "maxSteps" | "batchSize"
  >,
): number {
  return Math.ceil(Math.min(maxSteps, epochs * Math.ceil(texts / batchSize)));
}

/** How a run that ended before went, from its metrics. */
export async function recordIn(
  folder: string,
): Promise<Pick<FitResult, "curve" | "evaluation" | "constantLosses">> {
  const curve = new LossCurve();
  let last: MetricsRow | undefined;
  for await (const { row } of readJsonLines(metricsPath(folder))) {
    last = row as MetricsRow;
    curve.add(last);
  }
  return {
    curve: curve.points,
    evaluation: last && lossesNamed("eval", last),
    constantLosses: last && lossesNamed("constant", last),
  };
}

function metricsPath(folder: string): string {
  return join(folder, "metrics.jsonl");
}

/** The losses over all examples, computed in batches of similar length; drawn tokens are the same every time. */
export async function evaluate(
  trainer: Trainer,
  examples: readonly Example[],
  { batchSize = 100, seed = 0 }: Pick<FitOptions, "batchSize" | "seed"> = {},
): Promise<Losses> {
  return await trainer.evaluate(partsToEvaluate(examples, { batchSize, seed })());
}

/** Cuts examples into batches of similar length, as often as it is called, each time with the same random numbers to draw. */
function partsToEvaluate(
  examples: readonly Example[],
  { batchSize, seed }: { readonly batchSize: number; readonly seed: number },
): () => Part[] {
  const sorted = [...examples].sort((a, b) => a.ids.length - b.ids.length);
  const parts = Math.ceil(sorted.length / batchSize);
  return () => cut(sorted, parts, new Random(seed, "evaluation"));
}

/** A batch in `count` parts of neighbouring texts, normalized by the whole batch. */
function cut(batch: readonly Example[], count: number, random: Random): Part[] {
  const size = Math.ceil(batch.length / count);
  const tokens = batch.reduce((sum, { ids }) => sum + ids.length, 0);
  const parts: Part[] = [];
  for (let i = 0; i < batch.length; i += size) {
    const examples = batch.slice(i, i + size);
    parts.push({ examples, rows: batch.length, tokens, random });
  }
  if (longest(batch) === 0) throw new RangeError("A batch holds only empty texts.");
  return parts;
}

function positive(options: Record<string, number>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value > 0)) throw new RangeError(`Training needs '${name}' above 0: it is ${value}.`);
  }
}

function positiveIntegers(options: Record<string, number>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Training needs '${name}' to be a positive integer: it is ${value}.`);
    }
  }
}
