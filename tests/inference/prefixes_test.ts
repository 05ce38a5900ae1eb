import assert from "node:assert/strict";
import { Prefixes } from "../../lib/inference/prefixes.ts";
import type { Value } from "../../lib/runtime/value.ts";

const rowsOf = ({ dims: [rows, columns], data }: Value) =>
  Array.from({ length: rows }, (_, row) =>
    Array.from(
      { length: columns },
      (_, i) => Number((data as BigInt64Array)[row * columns + i]),
    ));

Deno.test("prompts are padded on the left, and padding is masked and has no position", () => {
  const prompts = [[7, 8, 9], [], [5]];
  const prefixes = Prefixes.of(prompts);
  assert.deepEqual(rowsOf(prefixes.ids(prompts, 1)), [[7, 8, 9], [1, 1, 1], [1, 1, 5]]);
  assert.deepEqual(rowsOf(prefixes.mask()), [[1, 1, 1], [0, 0, 0], [0, 0, 1]]);
  assert.deepEqual(rowsOf(prefixes.mask(1)), [[1, 1, 1, 1], [0, 0, 0, 1], [0, 0, 1, 1]]);
  assert.deepEqual(rowsOf(prefixes.positions()), [[0, 1, 2], [0, 0, 0], [0, 0, 0]]);
  assert.deepEqual(rowsOf(prefixes.nextPositions()), [[3], [0], [1]]);
});

Deno.test("positions go on with every column, for rows that were selected as well", () => {
  const prefixes = Prefixes.of([[7, 8, 9], [], [5]]);
  prefixes.columns++;
  const selected = prefixes.select([2, 2, 0]);
  assert.deepEqual(rowsOf(selected.mask()), [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 1, 1]]);
  assert.deepEqual(rowsOf(selected.nextPositions()), [[2], [2], [4]]);
});

Deno.test("empty prompts alone have one column that is padding", () => {
  const prefixes = Prefixes.of([[], []]);
  assert.deepEqual(rowsOf(prefixes.ids([[], []], 6)), [[6], [6]]);
  assert.deepEqual(rowsOf(prefixes.mask()), [[0], [0]]);
});
