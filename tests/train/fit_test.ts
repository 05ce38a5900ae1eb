import assert from "node:assert/strict";
import { join } from "node:path";
import { readJsonLines } from "../../lib/files/json_lines.ts";
import { evaluate, fit } from "../../lib/train/fit.ts";
import type { FitOptions } from "../../lib/train/fit_options.ts";
import type { MetricsRow } from "../../lib/train/metrics_row.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { openTinyTrainer, tinyExamples } from "./tiny_training.ts";

const examples = tinyExamples("rad", 11);
const evaluation = tinyExamples("rad", 5).slice(2);
const options: FitOptions = { learningRate: 1e-3, epochs: 3, batchSize: 4, seed: 1 };

async function rowsOf(folder: string): Promise<Record<string, unknown>[]> {
  const rows = [];
  for await (const { row } of readJsonLines(join(folder, "metrics.jsonl"))) rows.push(row);
  return rows;
}

Deno.test("every step is a row of metrics.jsonl, and epochs end with an evaluation", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = join(parent, "new", "run");
    await using trainer = await openTinyTrainer("rad");
    const seen: MetricsRow[] = [];
    const result = await fit(trainer, examples, {
      ...options,
      evaluation,
      folder,
      schedule: "linear",
      onStep: (row) => seen.push(row),
    });
    const rows = await rowsOf(folder);
    assert.deepEqual(rows, seen);
    assert.deepEqual(rows.map(({ step }) => step), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(rows[4].epoch, 5 / 3);
    assert.equal(rows[3].rate, 1e-3 * (1 - 3 / 9));
    for (const row of rows) {
      const names = ["step", "epoch", "rate", "loss", "tokens_per_second"];
      if ((row.step as number) % 3 === 0) names.push("eval_loss", "constant_loss");
      assert.deepEqual(Object.keys(row), names);
      assert.ok(Number.isFinite(row.loss) && row.tokens_per_second as number > 0);
    }
    const last = await evaluate(trainer, evaluation, { batchSize: 4, seed: 1 });
    assert.deepEqual([result.steps, result.finished, result.folder], [9, true, folder]);
    assert.deepEqual([result.evaluation, result.evaluatedTexts], [last, evaluation.length]);
    assert.deepEqual(result.constantLosses, { loss: rows[8].constant_loss });
    assert.deepEqual(result.losses, { loss: rows[8].loss });
    assert.deepEqual(result.curve, [
      ...rows.map(({ step, loss }) => ({ step, loss, series: "training" })),
      ...[2, 5, 8].map((i) => ({
        step: rows[i].step,
        loss: rows[i].eval_loss,
        series: "held out",
      })),
    ]);
    assert.equal(rows[8].eval_loss, last.loss);
  });
});

Deno.test("each text is seen once an epoch, and the loss falls", async () => {
  await using trainer = await openTinyTrainer("rad");
  const { loss } = await evaluate(trainer, examples);
  let steps = 0;
  await fit(trainer, examples, {
    ...options,
    epochs: 20,
    learningRate: 1e-2,
    onStep: () => steps++,
  });
  assert.equal(steps, 20 * 3);
  assert.ok((await evaluate(trainer, examples)).loss < loss / 2);
});

Deno.test("an evaluation does not depend on how it is cut into batches", async () => {
  await using trainer = await openTinyTrainer("rad");
  const losses = [];
  for (const batchSize of [1, 3, 100]) {
    losses.push((await evaluate(trainer, examples, { batchSize })).loss);
  }
  assert.ok(Math.max(...losses) - Math.min(...losses) < 1e-6);
});

Deno.test("evaluations come as often as asked, and at the end", async () => {
  await using trainer = await openTinyTrainer("rad");
  const evaluated: number[] = [];
  await fit(trainer, examples, {
    ...options,
    evaluation,
    evaluateEvery: 4,
    maxSteps: 6,
    onStep: (row) => "eval_loss" in row && evaluated.push(row.step),
  });
  assert.deepEqual(evaluated, [4, 6]);
});

Deno.test("half an epoch more is trained and ends with an evaluation", async () => {
  await using trainer = await openTinyTrainer("rad");
  const result = await fit(trainer, examples, { ...options, epochs: 1.5, evaluation });
  assert.equal(result.steps, 5);
  assert.equal(result.finished, true);
  assert.deepEqual(
    result.evaluation,
    await evaluate(trainer, evaluation, { batchSize: 4, seed: 1 }),
  );
});

Deno.test("a run stopped by its signal goes on where it was, as if it had not been stopped", async () => {
  await withTemporaryFolder(async (folder) => {
    await using unbroken = await openTinyTrainer("rad");
    await fit(unbroken, examples, options);

    await using first = await openTinyTrainer("rad");
    const controller = new AbortController();
    const stopped = await fit(first, examples, {
      ...options,
      folder,
      signal: controller.signal,
      onStep: ({ step }) => step === 5 && controller.abort(),
    });
    assert.deepEqual([stopped.steps, stopped.finished], [5, false]);
    assert.equal(stopped.evaluation, undefined);

    await using second = await openTinyTrainer("rad");
    const resumed = await fit(second, examples, { ...options, folder });
    assert.equal(resumed.finished, true);
    assert.deepEqual(resumed.curve.map(({ step }) => step), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(await second.parameters(), await unbroken.parameters());
    assert.deepEqual((await rowsOf(folder)).map(({ step }) => step), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

Deno.test("a signal that was given before stops before the first step", async () => {
  await using trainer = await openTinyTrainer("rad");
  const result = await fit(trainer, examples, { ...options, signal: AbortSignal.abort() });
  assert.deepEqual([result.steps, result.finished], [0, false]);
  assert.deepEqual([result.losses, result.evaluation, result.curve], [undefined, undefined, []]);
});

Deno.test("a timer can stop a run: steps let other work have its turn", async () => {
  await using trainer = await openTinyTrainer("rad");
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 1);
  const result = await fit(trainer, examples, {
    ...options,
    epochs: 10_000,
    signal: controller.signal,
  });
  assert.equal(result.finished, false);
});

Deno.test("settings that make no sense are refused with one sentence", async () => {
  await using trainer = await openTinyTrainer("rad");
  const refused = (wrong: Partial<FitOptions>, message: string) =>
    assert.rejects(fit(trainer, examples, { ...options, ...wrong }), {
      name: "RangeError",
      message,
    });
  for (const name of ["epochs", "learningRate"]) {
    for (const value of [0, -1, NaN]) {
      await refused({ [name]: value }, `fit: '${name}' must be a number above 0, not ${value}.`);
    }
  }
  const whole = ["maxSteps", "batchSize", "accumulationSteps", "checkpointEvery", "evaluateEvery"];
  for (const name of whole) {
    for (const value of [0, -1, 1.5, NaN]) {
      await refused(
        { [name]: value },
        `fit: '${name}' must be a whole number from 1 up, not ${value}.`,
      );
    }
  }
  await refused(
    { warmupSteps: -1 },
    "fit: 'warmupSteps' must be a whole number from 0 up, not -1.",
  );
  await assert.rejects(fit(trainer, [], options), {
    name: "RangeError",
    message: "There are no texts to train on.",
  });
  const empty = { ids: new Int32Array(), labels: Float32Array.of(0, 1) };
  await assert.rejects(fit(trainer, [empty], options), {
    name: "RangeError",
    message: "A batch holds only empty texts.",
  });
  assert.equal(trainer.steps, 0);
});
