import assert from "node:assert/strict";
import { read, toDevice } from "../../lib/runtime/transfer.ts";
import { floats, integers, zeros } from "../../lib/runtime/value.ts";
import { cpu } from "../run_graph.ts";
import { webgpuTest } from "./webgpu.ts";

Deno.test("on the CPU a tensor is on its device already, and what is read is a copy", async () => {
  const value = floats([2], Float32Array.of(1, 2));
  assert.equal(await toDevice(value, cpu), value);
  const copy = await read(value, "float32", cpu);
  copy[0] = 7;
  assert.deepEqual(value.data, Float32Array.of(1, 2));
  assert.deepEqual(await read(integers([1], [5]), "int64", cpu), BigInt64Array.of(5n));
});

Deno.test("a tensor is not read as another type", async () => {
  await assert.rejects(read(integers([1], [1]), "float32", cpu), {
    name: "TypeError",
    message: "A int64 value was read as float32.",
  });
});

webgpuTest("a tensor moves to the device and back unchanged, in every rank", async (device) => {
  for (const shape of [[], [3], [2, 3], [2, 1, 3], [1, 2, 3, 1]]) {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const data = Float32Array.from(
      { length: size },
      (_, i) => Math.sin(i) * 10 ** (i % 5 * 6 - 12),
    );
    const there = await toDevice(floats(shape, data), device);
    assert.equal(there.location, "gpu-buffer");
    assert.deepEqual(there.dims, shape);
    assert.equal(await toDevice(there, device), there);
    assert.deepEqual(await read(there, "float32", device), data);
    there.dispose();
  }
});

webgpuTest("a tensor in memory is read where it is", async (device) => {
  assert.deepEqual(await read(zeros("float32", [2]), "float32", device), new Float32Array(2));
});
