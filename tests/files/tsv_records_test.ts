import fc from "fast-check";
import assert from "node:assert/strict";
import { join } from "node:path";
import { readTsvRecords } from "../../lib/files/tsv_records.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

async function read(content: string): Promise<string[][]> {
  let rows: string[][] = [];
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.tsv");
    await Deno.writeTextFile(path, content);
    rows = (await Array.fromAsync(readTsvRecords(path))).map(({ cells }) => cells);
  });
  return rows;
}

async function refuses(content: string, problem: RegExp): Promise<void> {
  await assert.rejects(read(content), (error) => {
    assert.ok(error instanceof SyntaxError);
    assert.match(error.message, problem);
    return true;
  });
}

/** As Python's csv module writes a cell between tabs: quoted only where need be, or always. */
function cellOf(text: string, always: boolean): string {
  return always || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;
}

Deno.test("cells that Python quoted are read as they were, whichever way it quotes", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", " ", ",", '"', "'", "\\", "é") });
  const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(rows, fc.boolean(), async (rows, always) => {
      const lines = [["text", "label"], ...rows].map((row) =>
        row.map((text) => cellOf(text, always)).join("\t")
      );
      assert.deepEqual((await read(lines.join("\n") + "\n")).slice(1), rows);
    }),
    { numRuns: 60 },
  );
});

Deno.test("marks within a text that nobody quoted are part of it", async () => {
  const texts = ['"Great" it is', '"Great"', 'so "great"', '"', '""', '"a"b"'];
  const rows = await read(`text\tlabel\n${texts.map((text) => `${text}\t1\n`).join("")}`);
  assert.deepEqual(rows.slice(1).map(([text]) => text), texts);
});

Deno.test("a line with more or fewer cells is refused; a blank one is passed over", async () => {
  assert.equal((await read("a\tb\n\n1\t2\n")).length, 2);
  await refuses("a\tb\n1\t2\t3\n", /line 2 has 3 cells, but the header 2, so/);
  await refuses('a\tb\n"one\ntwo"\t1\n', /line 2 has 1 cells, but the header 2, so/);
  await refuses("", /it is empty/);
});
