import assert from "node:assert/strict";
import { mul, sumAll } from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { input } from "../../lib/graph/tensor.ts";
import { type Device, type DeviceChoice, openDevice } from "../../lib/runtime/device.ts";
import { Session } from "../../lib/runtime/session.ts";
import { next, State } from "../../lib/runtime/state.ts";
import { floats } from "../../lib/runtime/value.ts";
import { floatsOf } from "../run_graph.ts";

/** Runs a state graph and returns by how many MB the process's resident memory grew after the first runs. */
async function growth(device: Device, runs: number, size: number): Promise<number> {
  const factor = input("factor", "float32", []);
  const large = input("large", "float32", [size]);
  const outputs = { [next("large")]: mul(large, factor), total: sumAll(large) };
  await using session = await Session.open(compile(outputs), device, {
    onDevice: [next("large")],
    filling: device.name === "cpu",
  });
  using state = await State.open(
    [["large", floats([size], new Float32Array(size).fill(1))]],
    device,
  );
  const feeds = { factor: floats([], Float32Array.of(1)) };
  let before = 0;
  for (let run = 0; run < runs; run++) {
    if (run === runs / 5) before = Deno.memoryUsage().rss;
    const { total } = await state.advance(session, feeds);
    assert.equal(floatsOf(total)[0], size);
  }
  return (Deno.memoryUsage().rss - before) / 2 ** 20;
}

const [device, runs, size] = Deno.args;
console.log(await growth(await openDevice(device as DeviceChoice), Number(runs), Number(size)));
