import assert from "node:assert/strict";
import { alignedColumns } from "../../lib/cli/aligned_columns.ts";
import { descriptionTable } from "../../lib/cli/description_table.ts";
import { describeTexts, wordLength } from "../../lib/data/describe_texts.ts";
import { visible } from "../../lib/notebook/visible.ts";
import { hostileTexts } from "../hostile_texts.ts";

Deno.test("columns are as wide as their widest cell, the first to the left and numbers to the right", () => {
  assert.deepEqual(alignedColumns([["name", "n"], ["a", "100"]]), ["name    n", "a     100"]);
});

Deno.test("hostile names are one line of a table each, shown as text", async () => {
  const names = Object.values(hostileTexts);
  const rows = alignedColumns(names.map((name) => [name, "1"]));
  assert.equal(rows.length, names.length);
  assert.equal(new Set(rows.map((row) => row.length)).size, 1);
  for (const row of rows) assert.equal(visible(row).replaceAll("\n", ""), row);

  async function* texts() {
    yield { text: "a text", labels: names.map(() => 0.3) };
  }
  const table = descriptionTable(await describeTexts(texts(), names, wordLength));
  assert.equal(visible(table), table);
});
