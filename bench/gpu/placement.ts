import { join } from "node:path";
import { generate } from "../../lib/decode/generate.ts";
import { randomLabel, RandomModels } from "../../lib/experiments/random_models.ts";
import { parseBackbone } from "../../lib/models/architectures.ts";
import { Copies } from "../../lib/runtime/copies.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { type OpCalls, profiledOps } from "../../lib/runtime/profiled_ops.ts";
import { gpt2 } from "../peers/shapes.ts";
import { openTrainingStep } from "../training_step.ts";
import { type Finding, rounded } from "./row.ts";

const steps = 4;
const newTokens = 8;

/** Where the ops of a training step and of a steered step run, and what is copied. */
export async function* placement(device: Device, layers: number): AsyncGenerator<Finding> {
  // narrow, as where ops run does not depend on the width
  const backbone = parseBackbone(gpt2(64, layers, 2, 512), "the shape");
  yield* await watched("training step", steps, device, async (device) => {
    await using training = await openTrainingStep("ARM", { backbone, rows: 4, time: 16 }, device);
    for (let step = 0; step < steps; step++) await training.step();
  });
  yield* await watched("steered step", newTokens, device, async (device) => {
    await using written = await RandomModels.write({ base: backbone, reward: backbone }, ["arm"]);
    await using base = await written.openBase(device);
    await using model = await written.openReward("arm", device);
    const guides = [{ model, steering: [{ label: randomLabel }] }];
    await generate(base, [[1, 2, 3]], {
      guides,
      topK: 20,
      samples: 4,
      maxNewTokens: newTokens,
      ends: [],
    });
  });
}

/** What work does on a device, loading and the first step included, over its steps. */
async function watched(
  what: string,
  steps: number,
  device: Device,
  work: (device: Device) => Promise<void>,
): Promise<Finding[]> {
  const folder = await Deno.makeTempDir();
  try {
    const profile = join(folder, "ops");
    const copies = new Copies();
    await work({ ...device, profile, copies });
    const ops = (await profiledOps(profile)).flat();
    const isCopy = ({ op }: OpCalls) => op.startsWith("Memcpy");
    const onCpu = ops.filter((each) => each.provider === "CPU" && !isCopy(each));
    const count = (some: readonly OpCalls[]) => some.reduce((sum, { calls }) => sum + calls, 0);
    const { up, down } = copies;
    const row = (name: string, value: number, about?: Finding["about"]): Finding => ({
      quantity: `${what}: ${name}`,
      value: rounded(value / steps),
      unit: "a step",
      about,
    });
    return [
      row("dispatches", count(ops.filter(({ provider }) => provider !== "CPU"))),
      row("ops on the CPU", count(onCpu), {
        ops: [...new Set(onCpu.map(({ op }) => op))].sort(),
      }),
      row("copies between providers", count(ops.filter(isCopy))),
      row("tensors to the device", up.tensors, { bytes: rounded(up.bytes / steps) }),
      row("tensors back", down.tensors, { bytes: rounded(down.bytes / steps) }),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
