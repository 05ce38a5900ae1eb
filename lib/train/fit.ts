import { type Seed } from "../options/seed_option.ts";
import { basename, join } from "node:path";
import { removeAbandoned } from "../files/atomic_write.ts";
import { JsonLinesLog, readJsonLines } from "../files/json_lines.ts";
import { settle } from "../options/settle.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import { Turns } from "../turns.ts";
import { makeFolder } from "../files/make_folder.ts";
import { batchesOf } from "./batches.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { checkpointTimes } from "./checkpoint_times.ts";
import { type FitOptions, fitOptions } from "./fit_options.ts";
import { type FitResult, fitResult } from "./fit_result.ts";
import { LiveCurve } from "./live_curve.ts";
import { LossCurve } from "./loss_curve.ts";
import { lossesNamed, type MetricsRow, named } from "./metrics_row.ts";
import { type Example, lengthOf, longest, type Part, textsOf, tokensOf } from "./objective.ts";
import { rateAt } from "./schedule.ts";
import type { Losses, Trainer } from "./trainer.ts";

/**
 * Trains over the examples. With a folder, the run writes metrics and checkpoints there, and goes on from a
 * checkpoint that it finds; a resumed run ends with the same weights as one that was never stopped. In a notebook the
 * losses are drawn as they come.
 *
 * @throws {TypeError | RangeError} if an option is wrong or out of range, or there are no examples.
 */
export async function fit(
  trainer: Trainer,
  examples: readonly Example[],
  options: FitOptions,
): Promise<FitResult> {
  const settled = settle("fit", fitOptions, options);
  const { epochs, maxSteps, batchSize, seed, accumulationSteps, evaluateEvery: every } = settled;
  const { folder, run, checkpointEvery, signal, label, onStep } = settled;
  if (examples.length === 0) throw new RangeError("There are no texts to train on.");

  const lengths = Uint32Array.from(examples, lengthOf);
  const perEpoch = Math.ceil(examples.length / batchSize);
  const steps = stepsOf(examples.length, { epochs, maxSteps, batchSize });
  const evaluateEvery = every ?? perEpoch;

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
  await using live = LiveCurve.here(folder === undefined ? label : basename(folder), curve);
  const progress = new Progress({
    label,
    total: steps,
    unit: "steps",
    start: trainer.steps,
    output: live,
  });

  const heldOut = settled.evaluation ?? [];
  const evaluated = heldOut.length > 0 ? partsToEvaluate(heldOut, { batchSize, seed }) : undefined;
  const constantLosses = evaluated && await trainer.constantLosses(examples, evaluated());
  const isCheckpoint = checkpointTimes(checkpointEvery);
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
    const stepRate = rateAt(settled, step, steps);
    const random = new Random(seed, "step", step);
    losses = await trainer.step(cut(batch, accumulationSteps, random), stepRate);
    const seconds = (performance.now() - began) / 1000;
    const tokens = textsOf(batch).reduce((sum, { ids }) => sum + ids.length, 0);
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
    onStep?.(row);
    await turns.take();
    progress.update(step, `loss ${losses.loss.toPrecision(4)}`);
    if (folder !== undefined && (isCheckpoint(step) || signal?.aborted)) {
      await saveCheckpoint(folder, trainer, run);
    }
  }
  progress.done(losses && `loss ${losses.loss.toPrecision(4)}`);
  return fitResult({
    steps: trainer.steps,
    finished: trainer.steps >= steps,
    seconds: (performance.now() - start) / 1000,
    losses,
    ...(evaluation && { evaluation, evaluatedTexts: heldOut.length, constantLosses }),
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

/** The file of a run's metrics. */
export function metricsPath(folder: string): string {
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
  { batchSize, seed }: { readonly batchSize: number; readonly seed: Seed },
): () => Part[] {
  const sorted = [...examples].sort((a, b) => lengthOf(a) - lengthOf(b));
  const parts = Math.ceil(sorted.length / batchSize);
  return () => cut(sorted, parts, new Random(seed, "evaluation"));
}

/** A batch in `count` parts of neighbouring texts, normalized by the whole batch. */
export function cut(batch: readonly Example[], count: number, random: Random): Part[] {
  const size = Math.ceil(batch.length / count);
  const tokens = tokensOf(batch);
  const parts: Part[] = [];
  for (let i = 0; i < batch.length; i += size) {
    const examples = batch.slice(i, i + size);
    parts.push({ examples, rows: batch.length, tokens, random });
  }
  if (longest(batch) === 0) throw new RangeError("A batch holds only empty texts.");
  return parts;
}
