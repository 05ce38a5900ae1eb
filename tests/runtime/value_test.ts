import assert from "node:assert/strict";
import { floats, integers, mismatch, rowsOf, valueOf, zeros } from "../../lib/runtime/value.ts";

Deno.test("a value lies over its data, without a copy", () => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  const value = floats([2, 3], data);
  assert.equal(value.data, data);
  assert.deepEqual(value.dims, [2, 3]);
  assert.equal(value.type, "float32");
});

Deno.test("values have their element types", () => {
  assert.deepEqual(integers([2], [1, -2]).data, BigInt64Array.of(1n, -2n));
  assert.deepEqual(zeros("float64", [2]).data, new Float64Array(2));
  assert.deepEqual(zeros("bool", [2, 0]).data, new Uint8Array(0));
  assert.equal(valueOf("bool", [1], Uint8Array.of(1)).type, "bool");
});

Deno.test("data that does not fill the shape is refused", () => {
  assert.throws(() => floats([2, 2], new Float32Array(3)), {
    name: "RangeError",
    message: "A value of shape [2,2] needs 4 elements, got 3.",
  });
});

Deno.test("rows are picked in the order in which they are named", () => {
  const table = integers([3, 2], [1, 2, 3, 4, 5, 6]);
  const picked = rowsOf(table, [2, 0, 2]);
  assert.deepEqual(picked.dims, [3, 2]);
  assert.deepEqual(picked.data, BigInt64Array.of(5n, 6n, 1n, 2n, 5n, 6n));
});

Deno.test("sizes by name are taken from the first value and must agree with the others", () => {
  const sizes = new Map();
  const value = (...shape: number[]) => zeros("float32", shape);
  assert.equal(mismatch(value(2, 3), "float32", ["batch", 3], sizes), undefined);
  assert.equal(mismatch(value(5), "float32", ["time"], sizes), undefined);
  assert.equal(mismatch(value(2, 7), "float32", ["batch", "batch+time"], sizes), undefined);
  assert.equal(mismatch(value(10), "float32", ["batch*time"], sizes), undefined);
  assert.equal(
    mismatch(value(3, 6), "float32", ["batch", "batch+time"], sizes),
    "needs float32 [batch=2, batch+time=7], got float32 [3, 6]",
  );
  assert.equal(
    mismatch(value(5), "int64", ["time"], sizes),
    "needs int64 [time=5], got float32 [5]",
  );
});

Deno.test("rows of any rank are picked whole", () => {
  const picked = rowsOf(floats([2, 2, 2], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)), [1, 1, 0]);
  assert.deepEqual(picked.dims, [3, 2, 2]);
  assert.deepEqual([...picked.data as Float32Array], [5, 6, 7, 8, 5, 6, 7, 8, 1, 2, 3, 4]);
});
