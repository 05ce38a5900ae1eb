import assert from "node:assert/strict";
import { alignedColumns } from "../../lib/notebook/aligned_columns.ts";
import { visible } from "../../lib/notebook/visible.ts";
import { hostileTexts } from "../hostile_texts.ts";

Deno.test("columns are as wide as their widest cell, the first to the left and numbers to the right", () => {
  assert.deepEqual(alignedColumns([["name", "n"], ["a", "100"]]), ["name    n", "a     100"]);
});

Deno.test("columns are aligned as is asked for, and no line ends in blanks", () => {
  assert.deepEqual(
    alignedColumns([["n", "name"], ["100", "a"]], [true, false]),
    ["  n  name", "100  a"],
  );
  assert.deepEqual(alignedColumns([], [false]), []);
});

Deno.test("hostile names are one line of a table each, shown as text", () => {
  const names = Object.values(hostileTexts);
  const rows = alignedColumns(names.map((name) => [name, "1"]));
  assert.equal(rows.length, names.length);
  assert.equal(new Set(rows.map((row) => row.length)).size, 1);
  for (const row of rows) assert.equal(visible(row).replaceAll("\n", ""), row);
});
