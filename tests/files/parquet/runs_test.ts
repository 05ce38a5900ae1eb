import assert from "node:assert/strict";
import { readRuns } from "../../../lib/files/parquet/runs.ts";

function read(bytes: readonly number[], width: number, count: number): number[] {
  const numbers = new Uint32Array(count);
  readRuns(new DataView(Uint8Array.from(bytes).buffer), 0, bytes.length, width, numbers);
  return [...numbers];
}

const repeated = (count: number) => count << 1;
const packed = (eights: number) => (eights << 1) | 1;

Deno.test("runs of repeated and of packed numbers are read one behind the other", () => {
  // 0 to 7 in three bits each, the example of the format's page
  const eight = [packed(1), 0b10001000, 0b11000110, 0b11111010];
  assert.deepEqual(read([repeated(3), 5, ...eight], 3, 11), [5, 5, 5, 0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(read(eight, 3, 5), [0, 1, 2, 3, 4]);
  assert.deepEqual(read([repeated(2), 1, 2, 3, 4], 32, 2), [0x04030201, 0x04030201]);
});

Deno.test("packed numbers of every width are read", () => {
  for (let width = 1; width <= 32; width++) {
    const numbers = Array.from({ length: 16 }, (_, i) => (i * 0x9e3779b1) % 2 ** width);
    const bits = numbers.map((n) => n.toString(2).padStart(width, "0")).reverse().join("");
    const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)).reverse();
    assert.deepEqual(read([packed(2), ...bytes], width, 16), numbers, `${width} bits`);
  }
});

Deno.test("a run of more numbers than there are is refused", () => {
  const more = /a page has more values than it says/;
  assert.throws(() => read([repeated(6), 1], 3, 5), more);
  assert.throws(() => read([0xfe, 0xff, 0xff, 0xff, 0x0f, 1], 1, 1000), more);
});

Deno.test("what packed numbers are filled up with is left out, and takes no time", () => {
  assert.deepEqual(read([0xff, 0xff, 0xff, 0xff, 0x0f, 1], 1, 8), [1, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(read([0xff, 0xff, 0xff, 0xff, 0x0f], 0, 3), [0, 0, 0]);
});

Deno.test("fewer numbers than there are to be, and those of more than 32 bits, are refused", () => {
  assert.throws(() => read([repeated(4), 1], 3, 5), /fewer values than it says/);
  assert.throws(() => read([packed(1), 1], 2, 8), /fewer values than it says/);
  assert.throws(() => read([0xff, 0xff, 0xff, 0xff, 0xff, 1], 1, 9), /a run that is too long/);
  assert.throws(() => read([2, 1], 33, 1), /numbers of 33 bits/);
});
