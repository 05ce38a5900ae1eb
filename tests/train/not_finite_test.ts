import assert from "node:assert/strict";
import { join } from "node:path";
import { armObjective } from "../../lib/methods/arm.ts";
import { modelSpecJson } from "../../lib/methods/model_spec.ts";
import { saveCheckpoint } from "../../lib/train/checkpoint.ts";
import { runTraining } from "../../lib/train/run.ts";
import { openSafetensors } from "../../lib/weights/safetensors.ts";
import { armHeadOf } from "../head_sizes.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters, tinySpecs } from "../tiny_models.ts";
import { openTinyTrainer, tinyExamples } from "./tiny_training.ts";

const spec = tinySpecs.arm;

/** Trains on texts of which the last one's labels are no numbers, with a checkpoint after every step. */
async function train(out: string, checkpointEvery: number): Promise<unknown> {
  const examples = tinyExamples("arm", 24);
  examples[23] = { ...examples[23], labels: Float32Array.of(NaN, NaN, NaN) };
  const plan = {
    config: modelSpecJson(spec),
    objective: armObjective(spec.backbone, armHeadOf(spec)),
    initial: randomParameters(spec, 1),
    examples,
    inputs: {},
    tokenizer: out,
    label: "Tiny run",
  };
  // a seed by which the text comes in the third of six batches
  const options = { out, epochs: 1, batchSize: 4, holdOut: 0, seed: 5, learningRate: 1e-3 };
  return await runTraining(() => Promise.resolve(plan), cpu, { ...options, checkpointEvery })
    .catch((error) => error);
}

Deno.test("a loss that is no number ends a run, which names the step, the texts and the last good checkpoint", async () => {
  await withTemporaryFolder(async (out) => {
    const { message } = await train(out, 1) as Error;
    const [, step, texts, kept, path] = message.match(
      /^The loss became NaN at step (\d+), on texts ([\d, ]+) of 24; try a lower learning rate than 0\.001; the last good checkpoint is that of step (\d+), '(.+)'\.$/,
    )!;
    assert.equal(texts.split(", ").length, 4);
    assert.ok(texts.split(", ").includes("24"));
    assert.equal(Number(kept), Number(step) - 1);
    assert.equal(path, join(out, "checkpoint.safetensors"));
    const checkpoint = await openSafetensors(path);
    for (const name of checkpoint.tensors.keys()) {
      assert.ok((await checkpoint.readFloat32(name)).every(Number.isFinite), name);
    }
  });
  await withTemporaryFolder(async (out) => {
    assert.match((await train(out, 100) as Error).message, /; there is no checkpoint yet\.$/);
  });
});

Deno.test("a state that a gradient has spoilt is not written over the last good checkpoint", async () => {
  await withTemporaryFolder(async (out) => {
    await using trainer = await openTinyTrainer("arm");
    await saveCheckpoint(out, trainer, "run");
    const before = await Deno.readFile(join(out, "checkpoint.safetensors"));
    const snapshot = await trainer.snapshot();
    snapshot.get("first_moment.wpe.weight")![7] = -Infinity;
    await trainer.restore((name) => Promise.resolve(snapshot.get(name)), 3);
    await assert.rejects(saveCheckpoint(out, trainer, "run"), {
      message:
        /^After step 3 'first_moment\.wpe\.weight' holds -Infinity; a gradient was no number/,
    });
    assert.deepEqual(await Deno.readFile(join(out, "checkpoint.safetensors")), before);
  });
});
