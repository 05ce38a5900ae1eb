import assert from "node:assert/strict";
import { join } from "node:path";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { generate } from "../../lib/decode/generate.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import type { Copies } from "../../lib/runtime/copies.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { smallBackbone } from "../models/random_backbone.ts";
import { cpu } from "../run_graph.ts";
import { allOnDevice } from "../runtime/on_device.ts";
import { webgpuTest } from "../runtime/webgpu.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinySizes } from "../tiny_models.ts";
import { specsOf, writeRandomModel } from "./random_models.ts";

const backbones = {
  gpt2: gpt2Backbone({ ...tinySizes, context: 32 }),
  llama: smallBackbone("llama", { vocabulary: tinySizes.vocabulary, context: 32 }),
};
type Guided = "nothing" | "arm" | "rad";
const guided: Readonly<Record<keyof typeof backbones, readonly Guided[]>> = {
  gpt2: ["nothing", "arm", "rad"],
  // what RAD does beside is the same for all
  llama: ["arm"],
};

/** The tokens of texts that are steered by nothing, an ARM or a RAD, in turn. */
async function tokensOn(
  device: Device,
  folder: string,
  guided: readonly Guided[],
): Promise<number[][][][]> {
  await using base = await openBaseModel(join(folder, "base"), device);
  await using arm = await openRewardModel(join(folder, "arm"), device);
  await using rad = await openRewardModel(join(folder, "rad"), device);
  const guides = { nothing: [], arm: [arm], rad: [rad] };
  const tokens = [];
  for (const name of guided) {
    const options = {
      guides: guides[name].map((model) => ({ model, steering: [{ label: "kind", beta: 6 }] })),
      topK: 20,
      samples: 2,
      maxNewTokens: 20,
      ends: [],
      seed: 5,
    };
    const { copies } = device;
    const before = structuredClone(copies);
    tokens.push((await generate(base, [[3, 1, 4], [9, 2, 6, 5]], options)).continuations);
    if (copies && before) checkCopies(before, copies);
  }
  return tokens;
}

/** Of twenty steps, four texts and twenty candidates each: ids, noise and settings go up, what was chosen from comes down. */
function checkCopies(before: Pick<Copies, "up" | "down">, { up, down }: Copies): void {
  const tensors = [up.tensors - before.up.tensors, down.tensors - before.down.tensors];
  const bytes = [up.bytes - before.up.bytes, down.bytes - before.down.bytes];
  assert.ok(tensors[0] <= 20 * 10 && tensors[1] <= 20 * 5, `${tensors} tensors`);
  assert.ok(bytes[0] <= 20 * 800 && bytes[1] <= 20 * 2000, `${bytes} bytes`);
}

webgpuTest(
  "twenty tokens of GPT-2 and Llama are the CPU's, and no op of a step runs elsewhere",
  async (device) => {
    for (const name of ["gpt2", "llama"] as const) {
      await withTemporaryFolder(async (folder) => {
        const specs = specsOf(backbones[name]);
        for (const [seed, kind] of (["base", "arm", "rad"] as const).entries()) {
          await writeRandomModel(join(folder, kind), specs[kind], seed);
        }
        const expected = await tokensOn(cpu, folder, guided[name]);
        await allOnDevice(device, async (device) => {
          assert.deepEqual(await tokensOn(device, folder, guided[name]), expected);
        });
      });
    }
  },
);
