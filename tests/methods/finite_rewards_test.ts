import assert from "node:assert/strict";
import { armObjective } from "../../lib/methods/arm.ts";
import { finiteRewards } from "../../lib/methods/finite_rewards.ts";
import { openTeacher } from "../../lib/methods/teacher.ts";
import { runTraining } from "../../lib/train/run.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { armHeadOf } from "../head_sizes.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters, tinySizes, tinySpecs } from "../tiny_models.ts";
import { tinyExamples } from "../train/tiny_training.ts";

Deno.test("a teacher whose rewards are no numbers ends the training at the step, with its texts and the last good checkpoint", async () => {
  await withTemporaryFolder(async (folder) => {
    const [path, out] = [`${folder}/rad`, `${folder}/arm`];
    const values = randomParameters(tinySpecs.rad, 1);
    // what no text but the longest comes to
    const examples = tinyExamples("arm", 24).map((example, i) => (
      { ...example, ids: Array.from(example.ids).slice(0, i === 20 ? undefined : 3) }
    ));
    const at = examples[20].ids.length - 1;
    assert.ok(at >= 3);
    values.get("wpe.weight")![at * tinySizes.width] = NaN;
    const { rad, arm } = tinySpecs;
    await writeModelFolder(path, { config: modelSpecJson(rad), shapes: shapesOf(rad), values });
    await using teacher = await openTeacher(path, cpu);
    const plan = {
      config: modelSpecJson(arm),
      objective: armObjective(arm.backbone, { ...armHeadOf(arm), labels: rad.labels.length }, {
        teacher: finiteRewards(teacher.rewards),
      }),
      initial: randomParameters({ ...arm, labels: [...rad.labels] }, 1),
      examples,
      inputs: {},
      tokenizer: out,
      label: "Tiny run",
    };
    const options = { out, epochs: 1, batchSize: 4, holdOut: 0, seed: 1, learningRate: 1e-3 };
    await assert.rejects(
      runTraining(() => Promise.resolve(plan), cpu, { ...options, checkpointEvery: 1 }),
      {
        message:
          /^The teacher gave a reward that is no number at step \d, on texts (\d+, )*21(, \d+)* of 24; check its weights; (the last good checkpoint is that of step \d, '.+'|there is no checkpoint yet)\.$/,
      },
    );
  });
});
