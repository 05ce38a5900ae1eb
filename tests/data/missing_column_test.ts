import assert from "node:assert/strict";
import { missingColumn } from "../../lib/data/missing_column.ts";

Deno.test("a column that is not there is told with those that are, or with what stands between the cells instead", () => {
  const said = (path: string, ...columns: string[]) =>
    missingColumn(path, ["text", "sentence"], columns).message.replace(/^.*'sentence', so /, "");
  assert.equal(said("a.csv", "Text", "label"), "name one of those it has: 'Text', 'label'");
  const saved = (has: string, wants: string, kind: string) =>
    `save it with ${wants} between its cells, as ${kind} has them, in place of ${has}`;
  assert.equal(said("a.csv", "text;label"), saved("semicolons", "commas", ".csv"));
  assert.equal(said("a.CSV", "text\tlabel"), saved("tabs", "commas", ".csv"));
  assert.equal(said("a.tsv", "text,label"), saved("commas", "tabs", ".tsv"));
  assert.equal(said("a.jsonl", "text;label"), "name one of those it has: 'text;label'");
});
