import assert from "node:assert/strict";
import { gradients } from "../../lib/graph/gradient.ts";
import { compile } from "../../lib/graph/program.ts";
import { fedParameters } from "../../lib/models/parameters.ts";
import { Random } from "../../lib/random.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { Session } from "../../lib/runtime/session.ts";
import { next, State } from "../../lib/runtime/state.ts";
import { floats, type Value, zeros } from "../../lib/runtime/value.ts";
import { adamW, adamWFeeds, moments } from "../../lib/train/adamw.ts";
import { cpu, floatsOf, largestDifference } from "../run_graph.ts";
import { webgpuTest } from "../runtime/webgpu.ts";
import { randomParameters, tinySpecs } from "../tiny_models.ts";
import { partsOf, tinyExamples, tinyObjectives } from "./tiny_training.ts";

/** Trains the tiny ARM for ten steps in one graph, its state on the device, and gives the losses. */
async function losses(device: Device): Promise<number[]> {
  const { shapes, frozen, loss: lossOf, feeds } = tinyObjectives.arm;
  const parameters = fedParameters();
  const { loss } = lossOf(parameters);
  const trained = [...shapes].filter(([name]) => !frozen.has(name));
  const values = trained.map(([name, shape]) => parameters(name, shape));
  const slopes = gradients(loss, values);
  const updates = trained.map(([name], i) =>
    [name, { value: values[i], gradient: slopes[i] }] as const
  );
  const step = adamW(new Map(updates));
  const onDevice = Object.keys(step);
  await using session = await Session.open(compile({ loss, ...step }), device, { onDevice });

  const initial = [...randomParameters(tinySpecs.arm, 1)].map(([name, data]): [string, Value] => [
    name,
    floats(shapes.get(name)!, data),
  ]);
  const zero = trained.flatMap(([name, shape]): [string, Value][] => {
    const { first, second } = moments(name);
    return [[first, zeros("float32", shape)], [second, zeros("float32", shape)]];
  });
  using state = await State.open([...initial, ...zero], device);
  assert.equal(onDevice.length, 3 * trained.length);
  assert.ok(onDevice.every((name) => name.startsWith(next(""))));

  const examples = tinyExamples("arm", 6);
  const found: number[] = [];
  for (let k = 1; k <= 10; k++) {
    const [part] = partsOf(examples, 6);
    const batch = await feeds({ ...part, random: new Random(k) });
    const outputs = await state.advance(session, { ...batch, ...adamWFeeds(k, 3e-3, {}) });
    assert.deepEqual(Object.keys(outputs), ["loss"]);
    found.push(floatsOf(outputs.loss)[0]);
    const location = device.name === "cpu" ? "cpu" : "gpu-buffer";
    for (const name of state.names) assert.equal(state.get(name).location, location);
  }
  return found;
}

webgpuTest(
  "ten steps of training have the CPU's losses, with all state on the device",
  async (device) => {
    const expected = await losses(cpu);
    assert.ok(expected[9] < expected[0]);
    const difference = largestDifference(await losses(device), expected);
    assert.ok(difference < 1e-4, `${difference}`);
  },
);
