import assert from "node:assert/strict";
import { runLength } from "../../../lib/files/parquet/run_bounds.ts";

const length = (bytes: number[], width: number, most: number) =>
  runLength(new DataView(new Uint8Array(bytes).buffer), 0, bytes.length, width, most);

Deno.test("runs of repeated and of packed numbers are counted", () => {
  // five times 1, and eight packed numbers of three bits
  assert.equal(length([5 << 1, 1, (1 << 1) | 1, 0, 0, 0], 3, 13), 13);
  assert.equal(length([(1 << 1) | 1, 0], 1, 5), 8);
  assert.equal(length([5 << 1, 1], 3, 13), 5);
});

Deno.test("a run of more numbers than there are is refused", () => {
  const more = /a page has more values than it says/;
  assert.throws(() => length([6 << 1, 1], 3, 5), more);
  assert.throws(() => length([0xfe, 0xff, 0xff, 0xff, 0x0f, 1], 1, 1000), more);
  assert.throws(() => length([0xff, 0xff, 0xff, 0xff, 0x0f, 1], 1, 1000), more);
  assert.throws(() => length([0xff, 0xff, 0xff, 0x7f, 1], 0, 1000), more);
});

Deno.test("numbers of more than 32 bits are refused", () => {
  assert.throws(() => length([2, 1], 33, 1), /numbers of 33 bits/);
});
