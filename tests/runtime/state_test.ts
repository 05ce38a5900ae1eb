import assert from "node:assert/strict";
import { add, mul, sumAll } from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { input } from "../../lib/graph/tensor.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { Session } from "../../lib/runtime/session.ts";
import { next, State } from "../../lib/runtime/state.ts";
import { floats, integers, type Value } from "../../lib/runtime/value.ts";
import { megabytesGrown } from "../printed_by.ts";
import { cpu } from "../run_graph.ts";
import { webgpuTest } from "./webgpu.ts";

const a = input("a", "float32", [2]);
const b = input("b", "float32", [2]);
const x = input("x", "float32", []);
const program = compile({ [next("a")]: add(mul(a, b), x), total: sumAll(a) });

const initial = (): [string, Value][] => [
  ["a", floats([2], Float32Array.of(1, 2))],
  ["b", floats([2], Float32Array.of(2, 3))],
  ["unused", integers([1], [7])],
];

const feed = (value: number) => ({ x: floats([], Float32Array.of(value)) });

const openSession = (device: Device) => Session.open(program, device, { onDevice: [next("a")] });

async function checkAdvance(device: Device): Promise<void> {
  await using session = await openSession(device);
  using state = await State.open(initial().slice(0, 2), device);
  assert.deepEqual(state.names, ["a", "b"]);
  const first = await state.advance(session, feed(1));
  assert.deepEqual(Object.keys(first), ["total"]);
  assert.deepEqual(first.total.data, Float32Array.of(3));
  assert.deepEqual(await state.read("a", "float32"), Float32Array.of(3, 7));
  assert.deepEqual(await state.read("b", "float32"), Float32Array.of(2, 3));
  const second = await state.advance(session, feed(-1));
  assert.deepEqual(second.total.data, Float32Array.of(10));
  assert.deepEqual(await state.read("a", "float32"), Float32Array.of(5, 20));
  await state.set("a", floats([2], Float32Array.of(10, 10)));
  const third = await state.advance(session, feed(0));
  assert.deepEqual(third.total.data, Float32Array.of(20));
  assert.deepEqual(await state.read("a", "float32"), Float32Array.of(20, 30));
}

Deno.test("a state takes on what the graph gives back", () => checkAdvance(cpu));
webgpuTest("a state takes on what the graph gives back", checkAdvance);

Deno.test("a failed run leaves the state as it was", async () => {
  await using session = await openSession(cpu);
  using state = await State.open(initial(), cpu);
  await state.advance(session, feed(1));
  await assert.rejects(state.advance(session, {}), TypeError);
  assert.deepEqual(await state.read("a", "float32"), Float32Array.of(3, 7));
  await state.advance(session, feed(-1));
  assert.deepEqual(await state.read("a", "float32"), Float32Array.of(5, 20));
});

Deno.test("on the CPU the same two buffers take turns", async () => {
  await using session = await openSession(cpu);
  using state = await State.open(initial(), cpu);
  const buffers: unknown[] = [];
  for (let run = 0; run < 6; run++) {
    buffers.push(state.get("a").data);
    await state.advance(session, feed(0.5));
  }
  assert.notEqual(buffers[0], buffers[1]);
  for (let run = 2; run < 6; run++) assert.equal(buffers[run], buffers[run - 2]);
});

Deno.test("what a graph no longer reads when it computes its successor is overwritten", async () => {
  const twice = mul(a, 2);
  const outputs = {
    [next("a")]: add(twice, x),
    total: sumAll(twice),
    [next("b")]: mul(b, x),
  };
  for (const filling of [false, true]) {
    await using session = await Session.open(compile(outputs), cpu, { filling });
    using state = await State.open(initial(), cpu);
    const before = { a: state.get("a").data, b: state.get("b").data };
    const { total } = await state.advance(session, feed(1));
    assert.deepEqual(total.data, Float32Array.of(6));
    assert.equal(state.get("a").data, before.a);
    assert.deepEqual(before.a, Float32Array.of(3, 5));
    assert.notEqual(state.get("b").data, before.b);
    await state.advance(session, feed(2));
    assert.deepEqual(await state.read("a", "float32"), Float32Array.of(8, 12));
    assert.deepEqual(await state.read("b", "float32"), Float32Array.of(4, 6));
  }
});

Deno.test("what is read of a state does not change with it", async () => {
  await using session = await openSession(cpu);
  using state = await State.open(initial(), cpu);
  const before = await state.read("a", "float32");
  for (let run = 0; run < 3; run++) await state.advance(session, feed(1));
  assert.deepEqual(before, Float32Array.of(1, 2));
});

Deno.test("a tensor that the state does not have is refused", async () => {
  using state = await State.open(initial(), cpu);
  const error = { name: "TypeError", message: "The state has no tensor c." };
  assert.throws(() => state.get("c"), error);
  await assert.rejects(state.set("c", floats([], Float32Array.of(1))), error);
  await assert.rejects(state.read("c", "float32"), error);
});

Deno.test("a session gets those tensors of the state that it takes", async () => {
  await using session = await openSession(cpu);
  using state = await State.open(initial(), cpu);
  assert.deepEqual(Object.keys(state.feeds(session)), ["a", "b"]);
});

webgpuTest("all tensors of a state stay on the device", async (device) => {
  await using session = await openSession(device);
  using state = await State.open(initial().slice(0, 2), device);
  for (let run = 0; run < 3; run++) {
    for (const name of state.names) assert.equal(state.get(name).location, "gpu-buffer");
    const { total } = await state.advance(session, feed(1));
    assert.equal(total.location, "cpu");
  }
});

const growth = new URL("state_growth.ts", import.meta.url);

// one lost tensor of 16 KB a run would be 125 MB over the 8,000 runs that count
Deno.test("10,000 runs leave no memory behind", async () => {
  const grown = await megabytesGrown(growth, "cpu", "10000", "4096");
  assert.ok(grown < 40, `resident memory grew by ${grown} MB`);
});

// one lost tensor of 64 KB a run would be 100 MB over the 1,600 runs that count
webgpuTest("2,000 runs leave no memory behind", async () => {
  const grown = await megabytesGrown(growth, "webgpu", "2000", "16384");
  assert.ok(grown < 40, `resident memory grew by ${grown} MB`);
});
