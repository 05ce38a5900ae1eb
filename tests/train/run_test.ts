import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { readJsonLines } from "../../lib/files/json_lines.ts";
import { Random } from "../../lib/random.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import type { FitResult } from "../../lib/train/fit_result.ts";
import type { RunOptions } from "../../lib/train/training_options.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinySpecs, writeTinyModel } from "../tiny_models.ts";
import { tinyRun, tinySteps } from "./tiny_run.ts";

/** The SHA-256 of a folder's weights. */
async function modelOf(folder: string): Promise<string> {
  const bytes = await Deno.readFile(join(folder, "model.safetensors"));
  return createHash("sha256").update(bytes).digest("hex");
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

async function stepsIn(folder: string): Promise<unknown[]> {
  const steps: unknown[] = [];
  for await (const { row } of readJsonLines(join(folder, "metrics.jsonl"))) steps.push(row.step);
  return steps;
}

const everyStep = Array.from({ length: tinySteps }, (_, i) => i + 1);
const stoppedFolder = [
  "checkpoint.safetensors",
  "config.json",
  "metrics.jsonl",
  "model.safetensors",
];
const finishedFolder = [
  "config.json",
  "metrics.jsonl",
  "model.safetensors",
  "optimizer.safetensors",
  "run.json",
];

/** Starts or resumes the tiny run in a process of its own, which is killed at the moment that `until` waits for. */
async function runUntil(
  out: string,
  until: (
    lines: ReadableStreamDefaultReader<string>,
    ended: Promise<unknown>,
  ) => Promise<void>,
): Promise<void> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-check",
      "--cached-only",
      fileURLToPath(import.meta.resolve("./tiny_run.ts")),
      out,
    ],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  await until(lines, process.status);
  try {
    process.kill("SIGKILL");
  } catch {
    // it came to its end
  }
  while (!(await lines.read()).done);
  await process.status;
}

/** Waits for a number of steps of this process, and then for some milliseconds. */
function afterSteps(count: number, milliseconds: number) {
  return async (lines: ReadableStreamDefaultReader<string>) => {
    for (let seen = 0; seen < count;) {
      const { done, value } = await lines.read();
      if (done) return;
      seen += value.split("\n").length - 1;
    }
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  };
}

/** Waits until a file of that name is being written. */
function whileWriting(folder: string, file: string) {
  return async (_: unknown, ended: Promise<unknown>) => {
    const watcher = Deno.watchFs(folder);
    const isWritten = async () => {
      for await (const { paths } of watcher) {
        if (paths.some((path) => path.includes(`.${file}.`) && path.endsWith(".tmp"))) return;
      }
    };
    await Promise.race([isWritten(), ended]);
    try {
      watcher.close();
    } catch {
      // leaving the loop closed it
    }
  };
}

Deno.test("a run killed at any moment and resumed ends with the weights of an unbroken one", async () => {
  await withTemporaryFolder(async (parent) => {
    const unbroken = join(parent, "unbroken");
    assert.equal((await tinyRun(unbroken)).finished, true);
    const broken = join(parent, "broken");
    await Deno.mkdir(broken);

    const random = new Random(Date.now(), "moments");
    await runUntil(broken, afterSteps(1 + random.integer(2), 0)); // before the first checkpoint
    for (let kill = 0; kill < 2; kill++) {
      await runUntil(broken, afterSteps(1 + random.integer(5), random.integer(20)));
    }
    for (const file of ["checkpoint.safetensors", "metrics.jsonl", "model.safetensors"]) {
      await runUntil(broken, whileWriting(broken, file));
    }
    assert.equal((await tinyRun(broken, { resume: true })).finished, true);

    assert.deepEqual(await modelOf(broken), await modelOf(unbroken));
    assert.deepEqual(await stepsIn(broken), everyStep);
    assert.deepEqual(namesIn(broken), finishedFolder);
  });
});

Deno.test("killed between the last checkpoint and config.json, the model is written again", async () => {
  await withTemporaryFolder(async (folder) => {
    await runUntil(folder, whileWriting(folder, "config.json"));
    assert.equal((await tinyRun(folder, { resume: true })).finished, true);
    assert.deepEqual(namesIn(folder), finishedFolder);
    assert.deepEqual(await stepsIn(folder), everyStep);
  });
});

/** Runs until a step and stops there by the signal. */
async function stopAt(
  out: string,
  last: number,
  options: Partial<RunOptions> = {},
): Promise<FitResult> {
  const controller = new AbortController();
  const result = await tinyRun(out, {
    ...options,
    signal: controller.signal,
    onStep: ({ step }) => step === last && controller.abort(),
  });
  assert.deepEqual([result.steps, result.finished], [last, false]);
  return result;
}

Deno.test("a run stopped by its signal leaves a checkpoint and the model as it is, until it is resumed", async () => {
  await withTemporaryFolder(async (parent) => {
    const [unbroken, stopped] = ["unbroken", "stopped"].map((name) => join(parent, name));
    await tinyRun(unbroken);
    await stopAt(stopped, 7);
    assert.deepEqual(namesIn(stopped), stoppedFolder);
    await using model = await openRewardModel(stopped, cpu);
    assert.deepEqual(model.labels, tinySpecs.arm.labels);
    const partial = await modelOf(stopped);

    await stopAt(stopped, 16, { resume: true });
    assert.notEqual(await modelOf(stopped), partial);
    const { steps, finished, evaluation, curve } = await tinyRun(stopped, { resume: true });
    assert.deepEqual([steps, finished], [tinySteps, true]);
    assert.ok(evaluation!.loss > 0);
    const trained = curve.filter(({ series }) => series === "training");
    assert.deepEqual(trained.map(({ step }) => step), everyStep);
    assert.deepEqual(namesIn(stopped), finishedFolder);
    assert.deepEqual(await modelOf(stopped), await modelOf(unbroken));
    assert.deepEqual(await stepsIn(stopped), everyStep);
  });
});

Deno.test("a run stopped over a finished model leaves that model, and replaces it when it ends", async () => {
  await withTemporaryFolder(async (folder) => {
    await tinyRun(folder);
    const model = await modelOf(folder);
    const { keptFinished } = await stopAt(folder, 3, { seed: 5, overwrite: true });
    assert.equal(keptFinished, true);
    assert.equal(await modelOf(folder), model);
    assert.equal((await tinyRun(folder, { seed: 5, resume: true })).steps, tinySteps);
    assert.notEqual(await modelOf(folder), model);
  });
});

Deno.test("a finished model whose metrics are lost is not trained again", async () => {
  await withTemporaryFolder(async (folder) => {
    await tinyRun(folder);
    const model = await modelOf(folder);
    await Deno.remove(join(folder, "metrics.jsonl"));
    const { finished, steps, curve } = await tinyRun(folder, { resume: true });
    assert.deepEqual([finished, steps, curve], [true, 0, []]);
    assert.equal(await modelOf(folder), model);
  });
});

Deno.test("a run stopped before its first step leaves no model", async () => {
  await withTemporaryFolder(async (folder) => {
    const { steps, finished } = await tinyRun(folder, { signal: AbortSignal.abort() });
    assert.deepEqual([steps, finished], [0, false]);
    assert.deepEqual(namesIn(folder), ["metrics.jsonl"]);
    assert.equal((await tinyRun(folder)).finished, true);
  });
});

Deno.test("a checkpoint is not overwritten unasked, nor resumed with other settings", async () => {
  await withTemporaryFolder(async (folder) => {
    await stopAt(folder, 2);
    const path = join(folder, "checkpoint.safetensors");
    const checkpoint = await Deno.readFile(path);
    await assert.rejects(tinyRun(folder), {
      name: "Error",
      message:
        `'${folder}' holds the checkpoint of a run that did not end: go on with --resume (resume: true), ` +
        "replace it with --overwrite (overwrite: true), or use another folder",
    });
    await assert.rejects(tinyRun(folder, { resume: true, learningRate: 0.5, batchSize: 8 }), {
      name: "Error",
      message: `'${path}' is of a run with other settings (learningRate: 0.01 before, 0.5 now; ` +
        "batchSize: 6 before, 8 now): resume with the same ones, replace it with --overwrite (overwrite: true), or use another folder.",
    });
    const after = await Deno.readFile(path);
    assert.ok(
      checkpoint.every((byte, i) => byte === after[i]) && after.length === checkpoint.length,
    );
    assert.equal((await stepsIn(folder)).length, 2);
  });
});

Deno.test("how often a run is evaluated and saved may change when it is resumed", async () => {
  await withTemporaryFolder(async (parent) => {
    const [unbroken, changed] = ["unbroken", "changed"].map((name) => join(parent, name));
    await tinyRun(unbroken);
    await stopAt(changed, 4);
    await tinyRun(changed, { resume: true, checkpointEvery: 100, evaluateEvery: 7 });
    assert.deepEqual(await modelOf(changed), await modelOf(unbroken));
  });
});

Deno.test("a finished run is not repeated when resumed, and with other settings it is refused or replaced", async () => {
  await withTemporaryFolder(async (folder) => {
    const { curve: _, losses: __, evaluatedTexts: ___, ...first } = await tinyRun(folder);
    const model = await modelOf(folder);
    // as if it had been killed before it could remove its checkpoint
    await Deno.writeTextFile(join(folder, "checkpoint.safetensors"), "");
    let stepped = 0;
    const onStep = () => stepped++;
    const { curve, ...result } = await tinyRun(folder, { resume: true, onStep });
    assert.deepEqual(result, { ...first, steps: 0, seconds: 0 });
    assert.equal(curve.filter(({ series }) => series === "training").length, tinySteps);
    assert.equal(stepped, 0);
    assert.deepEqual(namesIn(folder), finishedFolder);
    await assert.rejects(tinyRun(folder, { resume: true, onStep, seed: 4 }), {
      name: "Error",
      message:
        `'${folder}' holds a finished model of other settings (seed: 3 before, 4 now): resume with the same ones or ` +
        "more epochs, replace it with --overwrite (overwrite: true), or name it with --init (init) and another folder to " +
        "train it further.",
    });
    await assert.rejects(tinyRun(folder, { onStep }), {
      message:
        `'${folder}' is there already, and finished: use --overwrite (overwrite: true) to replace it, or another name.`,
    });
    assert.equal(stepped, 0);
    assert.deepEqual(await modelOf(folder), model);
    await tinyRun(folder, { resume: true, overwrite: true, onStep, seed: 4 });
    assert.equal(stepped, tinySteps);
    assert.notDeepEqual(await modelOf(folder), model);
    assert.deepEqual(await stepsIn(folder), everyStep);
  });
});

/** A run of a constant rate, which a longer one goes on from exactly. */
const steady = { schedule: "constant", warmupSteps: 0, maxSteps: undefined } as const;

Deno.test("a finished run goes on with more epochs, to the weights of a run that had them from the start", async () => {
  await withTemporaryFolder(async (parent) => {
    const [whole, longer] = ["whole", "longer"].map((name) => join(parent, name));
    const { steps } = await tinyRun(whole, { ...steady, epochs: 3 });
    assert.equal((await tinyRun(longer, { ...steady, epochs: 2 })).steps, 2 * steps / 3);
    await assert.rejects(tinyRun(longer, { ...steady, epochs: 1, resume: true }), {
      message: /other settings \(epochs: 2 before, 1 now\)/,
    });
    // stopped and resumed on the way
    await stopAt(longer, 2 * steps / 3 + 2, { ...steady, epochs: 3, resume: true });
    await tinyRun(longer, { ...steady, epochs: 3, resume: true });
    assert.deepEqual(await modelOf(longer), await modelOf(whole));
    assert.deepEqual(await stepsIn(longer), await stepsIn(whole));
    assert.deepEqual(namesIn(longer), finishedFolder);

    const { wentOn } = await tinyRun(longer, { ...steady, epochs: 4, resume: true });
    assert.equal(
      wentOn,
      `step ${steps} of a finished run with other settings (epochs: 3 before, 4 now)`,
    );
  });
});

Deno.test("a run that goes on after its rate has fallen says that it is not one of that length", async () => {
  await withTemporaryFolder(async (folder) => {
    await tinyRun(folder, { maxSteps: 4 });
    const { wentOn } = await tinyRun(folder, { maxSteps: 6, resume: true });
    assert.match(
      wentOn!,
      /^step 4 .*\(maxSteps: 4 before, 6 now\), whose learning rate had fallen/,
    );
  });
});

Deno.test("a run whose optimizer was not kept does not go on, and says what to do", async () => {
  await withTemporaryFolder(async (folder) => {
    await tinyRun(folder, { maxSteps: 3, keepOptimizer: false });
    const model = await modelOf(folder);
    await assert.rejects(tinyRun(folder, { maxSteps: 6, resume: true }), {
      message:
        /cannot go on, as the state of its optimizer \('.*optimizer.safetensors'\) was not kept/,
    });
    assert.equal(await modelOf(folder), model);
  });
});

Deno.test("a model that was not trained here is not replaced unasked, not even when resumed", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, "arm");
    const model = await modelOf(folder);
    await assert.rejects(tinyRun(folder), { message: /is there already, and finished/ });
    await assert.rejects(tinyRun(folder, { resume: true }), {
      message: /holds a finished model of other settings \(that this run does not know\)/,
    });
    assert.equal(await modelOf(folder), model);
    await tinyRun(folder, { overwrite: true, maxSteps: 1 });
    assert.notEqual(await modelOf(folder), model);
  });
});

Deno.test("of two runs into one folder at the same time the second is refused at once", async () => {
  await withTemporaryFolder(async (folder) => {
    const results = await Promise.allSettled([
      tinyRun(folder, { seed: 1 }),
      tinyRun(folder, { seed: 2, overwrite: true }),
    ]);
    const refused = results.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 1);
    assert.match(String((refused[0] as PromiseRejectedResult).reason), /Another run writes '/);
    assert.deepEqual(namesIn(folder), finishedFolder);
  });
});

Deno.test("the same seed gives the same weights, another seed other ones", async () => {
  await withTemporaryFolder(async (parent) => {
    const run = async (name: string, seed: number) => {
      await tinyRun(join(parent, name), { seed, maxSteps: 3 });
      return await modelOf(join(parent, name));
    };
    const first = await run("first", 1);
    assert.deepEqual(await run("again", 1), first);
    assert.notDeepEqual(await run("other", 2), first);
  });
});
