import assert from "node:assert/strict";
import { thriftLength } from "../../../lib/files/parquet/thrift_bounds.ts";

const field = (type: number) => (1 << 4) | type;
const [i32, i64, text, list, struct] = [5, 6, 8, 9, 12].map(field);
const length = (...bytes: number[]) => thriftLength(new Uint8Array(bytes));

Deno.test("a struct ends where its fields do, and what follows is not looked at", () => {
  assert.equal(length(0, 1, 2), 1);
  assert.equal(length(i32, 7, text, 2, 65, 66, 0, 99), 7);
  assert.equal(length(struct, i64, 1, 0, list, 0x21, 1, 2, 0), 9);
});

Deno.test("numbers, texts and lists that are longer than they may be are refused", () => {
  assert.throws(() => length(i32, ...new Array(5).fill(0xff), 0, 0), /number that is too long/);
  assert.throws(() => length(i64, ...new Array(10).fill(0xff), 0, 0), /number that is too long/);
  assert.throws(() => length(text, 9, 65, 0), /cut off/);
  assert.throws(() => length(list, 0xf3, 0xff, 0xff, 0xff, 0x7f, 0), /cut off/);
  assert.throws(() => length(i32), /cut off/);
});

Deno.test("structs and lists within each other without end are refused", () => {
  assert.throws(() => length(...new Array(1000).fill(struct)), /too deep/);
  assert.throws(() => length(list, ...new Array(1000).fill(0x19)), /too deep/);
});

Deno.test("a type that Parquet has not is refused", () => {
  assert.throws(() => length(field(11), 0), /unknown type 11/);
});
