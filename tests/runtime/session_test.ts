import assert from "node:assert/strict";
import { add, concat, exp, gather, mul, sumAll } from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { input } from "../../lib/graph/tensor.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats, integers, type Value, zeros } from "../../lib/runtime/value.ts";
import { cpu, floatsOf } from "../run_graph.ts";
import { webgpuTest } from "./webgpu.ts";

const table = input("table", "float32", ["rows", 2]);
const ids = input("ids", "int64", ["batch", "time"]);
const scale = input("scale", "float32", ["batch", 1, 2]);
const mask = input("mask", "float32", ["batch*time"]);
const program = compile({
  y: mul(gather(table, ids), scale),
  total: sumAll(mask),
});

const fed: Record<string, Value> = {
  table: floats([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)),
  ids: integers([1, 2], [2, 0]),
  scale: floats([1, 1, 2], Float32Array.of(10, 100)),
  mask: floats([2], Float32Array.of(1, 1)),
};

async function checkRuns(device: Device): Promise<void> {
  await using session = await Session.open(program, device);
  const { y, total } = await session.run(fed);
  assert.deepEqual(y.dims, [1, 2, 2]);
  assert.deepEqual(y.data, Float32Array.of(50, 600, 10, 200));
  assert.deepEqual(total.data, Float32Array.of(2));
  assert.equal(y.location, "cpu");
}

async function checkFeeds(device: Device): Promise<void> {
  await using session = await Session.open(program, device);
  const refuses = (change: Record<string, Value | undefined>, message: string) =>
    assert.rejects(session.run({ ...fed, ...change } as Record<string, Value>), {
      name: "TypeError",
      message,
    });
  await refuses({ ids: undefined }, "The graph's input ids was not fed.");
  await refuses({ idz: fed.ids }, "The graph has no input idz.");
  await refuses(
    { ids: floats([1, 2], new Float32Array(2)) },
    "The graph's input ids needs int64 [batch=1, time=2], got float32 [1, 2].",
  );
  await refuses(
    { table: zeros("float32", [3, 3]) },
    "The graph's input table needs float32 [rows=3, 2], got float32 [3, 3].",
  );
  await refuses(
    { table: zeros("float32", [6]) },
    "The graph's input table needs float32 [rows, 2], got float32 [6].",
  );
  await refuses(
    { scale: zeros("float32", [3, 1, 2]) },
    "The graph's input scale needs float32 [batch=1, 1, 2], got float32 [3, 1, 2].",
  );
  await refuses(
    { mask: zeros("float32", [1]) },
    "The graph's input mask needs float32 [batch*time=2], got float32 [1].",
  );
  assert.deepEqual((await session.run(fed)).total.data, Float32Array.of(2));
}

Deno.test("a session runs a program on what it is fed", () => checkRuns(cpu));
webgpuTest("a session runs a program on what it is fed", checkRuns);

Deno.test("what is missing, unknown, or of another type or size is refused before the run", () =>
  checkFeeds(cpu));
webgpuTest(
  "what is missing, unknown, or of another type or size is refused before the run",
  checkFeeds,
);

Deno.test("one session runs on batches of any size", async () => {
  await using session = await Session.open(program, cpu);
  for (const [batch, time] of [[1, 1], [4, 7], [2, 3], [3, 0]]) {
    const { y } = await session.run({
      ...fed,
      ids: zeros("int64", [batch, time]),
      scale: zeros("float32", [batch, 1, 2]),
      mask: zeros("float32", [batch * time]),
    });
    assert.deepEqual(y.dims, [batch, time, 2]);
  }
});

Deno.test("outputs are written into tensors that are given for them", async () => {
  await using session = await Session.open(program, cpu);
  const data = new Float32Array(4);
  await session.run(fed, { y: floats([1, 2, 2], data) });
  assert.deepEqual(data, Float32Array.of(50, 600, 10, 200));
});

Deno.test("threads and spinning change nothing in the result", async () => {
  const x = input("x", "float32", ["n"]);
  const feeds = { x: floats([5], Float32Array.of(1, 2, 3, 4, 5)) };
  const outputs = { y: exp(concat([x, x], 0)) };
  const results: Float32Array[] = [];
  for (const options of [{}, { threads: 1 }, { threads: 2, spinning: false }]) {
    await using session = await Session.open(compile(outputs), cpu, options);
    results.push(floatsOf((await session.run(feeds)).y));
  }
  assert.deepEqual(results[1], results[0]);
  assert.deepEqual(results[2], results[0]);
});

webgpuTest(
  "outputs stay on the device where that is asked for, and are fed from there",
  async (device) => {
    const x = input("x", "float32", ["n"]);
    const program = compile({ y: add(x, 1), sum: sumAll(x) });
    await using session = await Session.open(program, device, { onDevice: ["y"] });
    const first = await session.run({ x: floats([3], Float32Array.of(1, 2, 3)) });
    assert.equal(first.y.location, "gpu-buffer");
    assert.equal(first.sum.location, "cpu");
    const second = await session.run({ x: first.y });
    assert.deepEqual(second.sum.data, Float32Array.of(9));
    first.y.dispose();
    second.y.dispose();
  },
);

Deno.test("a session that fills writes into the tensors that it is given, and says what is missing", async () => {
  await using session = await Session.open(program, cpu, { filling: true });
  const into = { y: zeros("float32", [1, 2, 2]), total: zeros("float32", []) };
  const filled = await session.run(fed, into);
  assert.equal(filled.y, into.y);
  assert.deepEqual(into.y.data, Float32Array.of(50, 600, 10, 200));
  assert.deepEqual(into.total.data, Float32Array.of(2));
  await assert.rejects(session.run(fed, { y: into.y }), {
    name: "TypeError",
    message: "The graph's output total has no tensor to be written to.",
  });
  // an error of the run itself is not taken for its end
  await assert.rejects(session.run({ ...fed, ids: integers([1, 2], [7, 0]) }, into), /Gather/);
});

webgpuTest(
  "what the device has no room for is told in one sentence with its size",
  async (device) => {
    const x = input("x", "float32", ["n", 1]);
    const y = input("y", "float32", [1, "n"]);
    await using session = await Session.open(compile({ total: sumAll(mul(x, y)) }), device);
    const of = (n: number) =>
      session.run({ x: zeros("float32", [n, 1]), y: zeros("float32", [1, n]) });
    assert.deepEqual((await of(10)).total.data, Float32Array.of(0));
    // larger than what any driver gives to one buffer
    await assert.rejects(of(2 ** 16), {
      name: "Error",
      message:
        "The webgpu device has no room for a graph with a largest tensor of 17 GB (Mul [65536, 65536]): " +
        "take fewer texts at once or shorter ones, the precision float16, a smaller model, or the device cpu.",
    });
  },
);
