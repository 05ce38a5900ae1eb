import assert from "node:assert/strict";
import { join } from "node:path";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { generate } from "../../lib/decode/generate.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { openDevice, type Precision } from "../../lib/runtime/device.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { smallBackbone } from "../models/random_backbone.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { webgpuTest } from "../runtime/webgpu.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters, tinySpecs } from "../tiny_models.ts";
import { tinyObjectives } from "../train/tiny_training.ts";
import { specsOf, writeRandomModel } from "./random_models.ts";

const half: Device = { name: "cpu", precision: "float16" };

/** The guided logits of all candidates of the first step, by token. */
async function logitsOn(device: Device, folder: string): Promise<number[]> {
  await using base = await openBaseModel(join(folder, "base"), device);
  await using arm = await openRewardModel(join(folder, "arm"), device);
  const logits: number[] = [];
  await generate(base, [[3, 1, 4, 1, 5]], {
    guides: [{ model: arm, steering: [{ label: "kind", beta: 2 }] }],
    topK: 23,
    maxNewTokens: 1,
    seed: 1,
    onStep: ({ candidates, guided }) => {
      const ids = candidates.data as BigInt64Array;
      (guided.data as Float32Array).forEach((value, i) => logits[Number(ids[i])] = value);
    },
  });
  return logits;
}

for (const type of ["llama", "gpt_neox", "gemma3_text"]) {
  Deno.test(`in float16 the guided logits of ${type} are those of float32 within 1e-2 of their range`, async () => {
    await withTemporaryFolder(async (folder) => {
      const specs = specsOf(smallBackbone(type));
      await writeRandomModel(join(folder, "base"), specs.base, 1);
      await writeRandomModel(join(folder, "arm"), specs.arm, 2);
      const expected = await logitsOn(cpu, folder);
      const range = Math.max(...expected) - Math.min(...expected);
      const relative = largestDifference(await logitsOn(half, folder), expected) / range;
      assert.ok(relative > 1e-6 && relative < 1e-2, `${relative}`);
    });
  });
}

Deno.test("what is no precision, and training in float16, is refused", async () => {
  await assert.rejects(openDevice("cpu", { precision: "float8" as Precision }), {
    name: "TypeError",
    message: 'Precision "float8" is unknown; use one of float32, float16.',
  });
  assert.deepEqual(await openDevice("cpu", { precision: "float16" }), half);
  await assert.rejects(
    Trainer.open(tinyObjectives.arm, randomParameters(tinySpecs.arm, 1), half),
    {
      name: "TypeError",
      message: "Training is in float32: open the device without the precision float16.",
    },
  );
});

webgpuTest("a device without float16 is refused for it, in one sentence", async () => {
  // software Vulkan has none
  await openDevice("webgpu", { precision: "float16" }).then(
    ({ precision }) => assert.equal(precision, "float16"),
    ({ message }) =>
      assert.equal(
        message,
        "The webgpu device computes no float16 here (its driver lacks the feature shader-f16): use the precision float32.",
      ),
  );
});
