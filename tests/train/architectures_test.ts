import assert from "node:assert/strict";
import { join } from "node:path";
import { initialize } from "../../lib/models/initialization.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { Random } from "../../lib/random.ts";
import type { Example } from "../../lib/train/objective.ts";
import { armObjective } from "../../lib/methods/arm.ts";
import { runTraining } from "../../lib/train/run.ts";
import type { RunOptions } from "../../lib/train/training_options.ts";
import { otherModelTypes, smallBackbone } from "../models/random_backbone.ts";
import { cpu } from "../run_graph.ts";
import { armHeadOf } from "../head_sizes.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

function examplesOf(vocabulary: number): Example[] {
  const random = new Random(5, "examples");
  return Array.from({ length: 24 }, () => ({
    ids: Array.from({ length: 1 + random.integer(12) }, () => random.integer(vocabulary)),
    labels: [random.uniform()],
  }));
}

async function train(modelType: string, options: Pick<RunOptions, "out"> & Partial<RunOptions>) {
  const backbone = smallBackbone(modelType);
  const spec = { kind: "arm", backbone, labels: ["kind"], baseline: true };
  return await runTraining(
    () =>
      Promise.resolve({
        config: modelSpecJson(spec),
        objective: armObjective(backbone, armHeadOf(spec)),
        initial: initialize(shapesOf(spec), backbone.fill, new Random(1, "weights")),
        examples: examplesOf(backbone.vocabulary),
        inputs: {},
        tokenizer: options.out,
        label: modelType,
      }),
    cpu,
    { epochs: 2, batchSize: 6, learningRate: 1e-2, holdOut: 0, checkpointEvery: 2, ...options },
  );
}

for (const modelType of otherModelTypes) {
  Deno.test(`a training of ${modelType} that was stopped and resumed ends with the weights of an unbroken one`, async () => {
    await withTemporaryFolder(async (folder) => {
      const [whole, broken] = [join(folder, "whole"), join(folder, "broken")];
      const { steps, curve } = await train(modelType, { out: whole });
      assert.equal(steps, 8);
      const losses = curve.filter(({ series }) => series === "training").map(({ loss }) => loss);
      assert.ok(losses.at(-1)! < losses[0], losses.join());
      const stop = new AbortController();
      const onStep: RunOptions["onStep"] = ({ step }) => {
        if (step === 5) stop.abort();
      };
      const stopped = await train(modelType, { out: broken, signal: stop.signal, onStep });
      assert.equal(stopped.finished, false);
      await train(modelType, { out: broken, resume: true });
      const weights = (path: string) => Deno.readFile(join(path, "model.safetensors"));
      assert.deepEqual(await weights(broken), await weights(whole));
    });
  });
}
