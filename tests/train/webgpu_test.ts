import assert from "node:assert/strict";
import { armObjective } from "../../lib/methods/arm.ts";
import { shapesOf } from "../../lib/methods/model_spec.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import { initialize } from "../../lib/models/initialization.ts";
import { Random } from "../../lib/random.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { armHeadOf } from "../head_sizes.ts";
import { smallBackbone } from "../models/random_backbone.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { allOnDevice } from "../runtime/on_device.ts";
import { webgpuTest } from "../runtime/webgpu.ts";
import { tinyBackbone, tinySpecs } from "../tiny_models.ts";
import { partsOf, tinyExamples } from "./tiny_training.ts";

/** Trains a small ARM for ten steps, and gives the losses. */
async function losses(backbone: Backbone, device: Device): Promise<number[]> {
  const spec = { ...tinySpecs.arm, backbone };
  const initial = initialize(shapesOf(spec), backbone.fill, new Random(1, "weights"));
  const objective = armObjective(backbone, armHeadOf(spec));
  const adamw = { maxGradNorm: 1 };
  await using trainer = await Trainer.open(objective, initial, device, { threads: 1, adamw });
  const examples = tinyExamples("arm", 6);
  const found: number[] = [];
  for (let k = 1; k <= 10; k++) {
    const { loss } = await trainer.step(partsOf(examples, 6), 3e-3);
    found.push(loss);
  }
  return found;
}

webgpuTest(
  "ten steps of training GPT-2 and Llama have the CPU's losses, and no op runs elsewhere",
  async (device) => {
    const { vocabulary } = tinyBackbone;
    for (const backbone of [tinyBackbone, smallBackbone("llama", { vocabulary })]) {
      const expected = await losses(backbone, cpu);
      assert.ok(expected[9] < expected[0]);
      const copies = await allOnDevice(device, async (device) => {
        const difference = largestDifference(await losses(backbone, device), expected);
        assert.ok(difference < 1e-4, `${difference}`);
      });
      // parameters and moments go up once; a step's batch goes up, and its losses come down
      const once = 3 * shapesOf({ ...tinySpecs.arm, backbone }).size;
      assert.ok(copies.up.tensors <= once + 10 * 9, `${copies.up.tensors}`);
      assert.deepEqual(copies.down, { tensors: 10 * 4, bytes: 10 * 4 * 4 });
    }
  },
);
