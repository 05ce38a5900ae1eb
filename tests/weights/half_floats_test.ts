import assert from "node:assert/strict";
import { floatsOfBrains, floatsOfHalves } from "../../lib/weights/half_floats.ts";

const everyPattern = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);

Deno.test("every float16 pattern has the value that the platform gives it", () => {
  const expected = everyPattern.slice();
  const view = new DataView(expected.buffer);
  const floats = floatsOfHalves(everyPattern);
  for (let i = 0; i < floats.length; i++) {
    assert.ok(Object.is(floats[i], view.getFloat16(2 * i, true)), `pattern ${i}`);
  }
});

Deno.test("a bfloat16 pattern is the upper half of its float32", () => {
  const upperHalves = new Uint16Array(new Float32Array([1, -2.5, Infinity, -0]).buffer)
    .filter((_, i) => i % 2 === 1);
  assert.deepEqual([...floatsOfBrains(upperHalves)], [1, -2.5, Infinity, -0]);
  assert.ok(Number.isNaN(floatsOfBrains(new Uint16Array([0x7fc0]))[0]));
});
