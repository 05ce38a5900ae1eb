import assert from "node:assert/strict";
import { tableLook } from "../../lib/notebook/table_look.ts";

const content = {
  title: "Fruit",
  facts: [["from", "<b>here</b>"]],
  columns: [{ name: "name" }, { name: "count", isNumber: true }],
  rows: [["fig", "1"], ["\u001b[31mplum", "1,000"]],
  total: ["total", "1,001"],
} as const;

Deno.test("a table is also text in columns, with numbers aligned to the right", () => {
  assert.equal(
    tableLook(content)["text/plain"],
    [
      "Fruit",
      "",
      "from  <b>here</b>",
      "",
      "name       count",
      "fig            1",
      "␛[31mplum  1,000",
      "total      1,001",
    ].join("\n"),
  );
});

Deno.test("a table is markup in which cells are text, in the colours of the reader's theme", () => {
  const markup = tableLook(content)["text/html"] as string;
  assert.ok(markup.includes("&lt;b&gt;here&lt;/b&gt;") && markup.includes("␛[31mplum"), markup);
  assert.ok(!/color|background/.test(markup), markup);
});

Deno.test("facts alone are shown without a table", () => {
  const look = tableLook({ title: "Fruit", facts: [["from", "here"], ["to", "there"]] });
  assert.equal(look["text/plain"], "Fruit\n\nfrom  here\nto    there");
  assert.ok(!(look["text/html"] as string).includes("<thead>"));
});

Deno.test("a line feed in a name or a title breaks no line of the text", () => {
  const look = tableLook({
    title: "Fruit\nor not",
    facts: [["from", "here\nand there"]],
    columns: [{ name: "name" }, { name: "count", isNumber: true }],
    rows: [["fig\ntree", "1"]],
  });
  assert.equal(
    look["text/plain"],
    "Fruit↵or not\n\nfrom  here↵and there\n\nname      count\nfig↵tree      1",
  );
});
