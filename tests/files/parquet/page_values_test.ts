import assert from "node:assert/strict";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { Budget } from "../../../lib/files/parquet/budget.ts";
import { type ColumnDecoder, pageValues } from "../../../lib/files/parquet/page_values.ts";

function decoderOf(type: "INT32" | "INT64" | "BYTE_ARRAY"): ColumnDecoder {
  const element = { type, name: "a" };
  return {
    ...{ pathInSchema: ["a"], schemaPath: [], codec: "UNCOMPRESSED" },
    ...{ type, element, parsers: DEFAULT_PARSERS },
  };
}

const values = (
  bytes: readonly number[],
  encoding: string,
  count: number,
  type: "INT32" | "INT64" | "BYTE_ARRAY",
  dictionary?: string[],
) =>
  Array.from(pageValues(
    { view: new DataView(Uint8Array.from(bytes).buffer), at: 0, count },
    encoding,
    decoderOf(type),
    dictionary,
    new Budget(bytes.length),
  ));

function varint(value: number): number[] {
  return value < 128 ? [value] : [value & 127 | 128, ...varint(value >> 7)];
}

/** Numbers from `first` on that grow by `step`, as differences in blocks of 128. */
function line(count: number, first: number, step: number): number[] {
  const blocks = new Array(Math.ceil((count - 1) / 128)).fill([...varint(2 * step), 0, 0, 0, 0]);
  return [...varint(128), 4, ...varint(count), ...varint(2 * first), ...blocks.flat()];
}

Deno.test("differences are added up", () => {
  const read = (count: number, type: "INT32" | "INT64") =>
    values(line(count, 3, 2), "DELTA_BINARY_PACKED", count, type);
  assert.deepEqual(read(200, "INT32").slice(-2), [399, 401]);
  assert.deepEqual(read(2, "INT64"), [3n, 5n]);
});

Deno.test("blocks of differences in no part, or in fewer than none, are refused and do not hang", () => {
  const refused = /blocks of -?\d+ differences in -?\d+ parts/;
  const few = [0, 0, 0, 0];
  // the largest number of five bytes is -1 as hyparquet reads it
  for (const parts of [[0], [3], [0xff, 0xff, 0xff, 0xff, 0x0f]]) {
    for (const type of ["INT32", "INT64"] as const) {
      const bytes = [...varint(128), ...parts, 9, 0, ...few];
      assert.throws(() => values(bytes, "DELTA_BINARY_PACKED", 9, type), refused);
    }
  }
});

Deno.test("texts that go on those before them may not pile up", () => {
  const pile = (count: number, length: number) => [
    ...line(count, 0, length),
    ...line(count, length, 0),
    ...new Array(count * length).fill(97),
  ];
  assert.deepEqual(values(pile(3, 2), "DELTA_BYTE_ARRAY", 3, "BYTE_ARRAY"), [
    "aa",
    "aaaa",
    "aaaaaa",
  ]);
  assert.throws(
    () => values(pile(1000, 1000), "DELTA_BYTE_ARRAY", 1000, "BYTE_ARRAY"),
    /it unfolds to far more than its size/,
  );
});

Deno.test("values that a dictionary has not, or without one, are refused", () => {
  const read = (dictionary?: string[]) =>
    values([2, 3 << 1, 1], "RLE_DICTIONARY", 3, "BYTE_ARRAY", dictionary);
  assert.deepEqual(read(["a", "b"]), ["b", "b", "b"]);
  assert.throws(() => read(["a"]), /a value that its dictionary has not/);
  assert.throws(() => read(), /a column lacks its dictionary/);
});
