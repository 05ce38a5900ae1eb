import assert from "node:assert/strict";
import { markdownCode, markdownText } from "../../lib/experiments/markdown_text.ts";
import { markdownTable } from "../../lib/experiments/write_tables.ts";
import { visible } from "../../lib/notebook/visible.ts";
import { hostileTexts } from "../hostile_texts.ts";

Deno.test("hostile text in Markdown has no sign that means anything there", () => {
  for (const text of Object.values(hostileTexts)) {
    const markdown = markdownText(text);
    assert.equal(visible(markdown), markdown);
    assert.doesNotMatch(markdown, /(?<!\\)(?:\\\\)*[`*_[\]<>|&~$\n]/);
    // what a reader sees
    const seen = markdown.replace(/\\(.)/g, "$1");
    assert.equal(seen, visible(text.replace(/\r\n|[\n\u2028]/g, "↵")));
  }
});

Deno.test("a table keeps its shape whatever its cells are", () => {
  const rows = Object.entries(hostileTexts).map(([name, text]) => ({ name, text }));
  const lines = markdownTable(["name", "text"], rows).trimEnd().split("\n");
  assert.equal(lines.length, 2 + rows.length);
  for (const line of lines) assert.equal(line.match(/(?<!\\)(?:\\\\)*\|/g)?.length, 3, line);
});

Deno.test("code has a fence that is not in it", () => {
  assert.equal(markdownCode("deno task reproduce"), "`deno task reproduce`");
  assert.equal(markdownCode("a `b` c"), "``a `b` c``");
  assert.equal(markdownCode("``"), "``` `` ```");
  assert.equal(markdownCode("one\ntwo \u001b"), "`one↵two ␛`");
});
