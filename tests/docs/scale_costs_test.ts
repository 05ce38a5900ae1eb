import assert from "node:assert/strict";
import { costTable } from "../../docs/scale_costs.ts";
import { wordsOf } from "./words_of.ts";

Deno.test("the table of what the paper's evaluation costs is the program's", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/scale.md", import.meta.url));
  const [, below] = page.split("`deno run docs/scale_costs.ts --faster 100`.\n\n");
  const [table] = below.split("\n\n");
  assert.deepEqual(wordsOf(table), wordsOf(costTable(100)));
});
