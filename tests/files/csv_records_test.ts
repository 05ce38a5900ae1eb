import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { readCsvHeader, readCsvRecords } from "../../lib/files/csv_records.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

async function read(content: string | Uint8Array, wanted?: number[]) {
  const records: { line: number; cells: string[] }[] = [];
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.csv");
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    const select = wanted && (() => wanted);
    for await (const record of readCsvRecords(path, { select })) records.push(record);
  });
  return records;
}

async function refuses(content: string | Uint8Array, sentence: string): Promise<void> {
  await assert.rejects(read(content), (error) => {
    assert.ok(error instanceof SyntaxError);
    assert.equal(error.message.replace(/^Cannot read '.*': /, ""), sentence);
    return true;
  });
}

Deno.test("cells are unquoted, and records begin on their lines", async () => {
  assert.deepEqual(await read('a,b\r\n"x, ""y""\n\nz",1\r\n\r\n,\n"",2'), [
    { line: 2, cells: ['x, "y"\n\nz', "1"] },
    { line: 6, cells: ["", ""] },
    { line: 7, cells: ["", "2"] },
  ]);
});

Deno.test("a byte order mark is left out, and a header alone gives no record", async () => {
  assert.deepEqual(await read("\ufeffa,b\n1,2\n"), [{ line: 2, cells: ["1", "2"] }]);
  assert.deepEqual(await read("a,b"), []);
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.csv");
    await Deno.writeTextFile(path, '\ufeff"a",b c\n1,2\n');
    assert.deepEqual(await readCsvHeader(path), ["a", "b c"]);
  });
});

Deno.test("only the chosen cells are decoded, in the order in which they are chosen", async () => {
  const bytes = new TextEncoder().encode("a,b,c\n1,?,3\n");
  bytes[8] = 0xff;
  assert.deepEqual(await read(bytes, [2, 0]), [{ line: 2, cells: ["3", "1"] }]);
});

Deno.test("in a file of one column, an empty line is an empty cell", async () => {
  assert.deepEqual((await read("a\n\nx\n")).map(({ cells }) => cells), [[""], ["x"]]);
});

Deno.test("whatever cells hold, writing and reading them gives them back", async () => {
  const cell = fc.oneof(
    fc.string({ unit: fc.constantFrom(",", '"', "\n", "\r", "a", "é", "🎬") }),
    fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
  );
  const written = (text: string) =>
    /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      async (rows, end, endsWithLine) => {
        const lines = [["a", "b", "c"], ...rows].map((cells) => cells.map(written).join(","));
        const records = await read(lines.join(end) + (endsWithLine ? end : ""));
        assert.deepEqual(records.map(({ cells }) => cells), rows);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("records that straddle the chunks a file is read in are whole", async () => {
  const text = 'é"🎬,\n'.repeat(1000);
  const rows = Array.from({ length: 600 }, (_, i) => [String(i), text.slice(i).toWellFormed()]);
  const content = "n,text\n" +
    rows.map(([n, text]) => `${n},"${text.replaceAll('"', '""')}"\n`).join("");
  assert.ok(new TextEncoder().encode(content).length > 4 * 2 ** 20);
  const records = await read(content);
  assert.deepEqual(records.map(({ cells }) => cells), rows);
  assert.equal(records[1].line, 3 + 1000);
});

Deno.test("what is not CSV is refused with its line", async () => {
  const quotes = ", so check its quotation marks";
  await refuses("", "it is empty, so check that it is the right file");
  await refuses('a,b\n1,2\n"x,\n3,4\n', `line 3 opens a quotation that is never closed${quotes}`);
  await refuses('a,b\n"1" ,2\n', `line 2 has text behind a closing quotation mark${quotes}`);
  await refuses(
    'a,b\n1,x"y"\n',
    `line 2 has a quotation mark within a cell that is not quoted${quotes}`,
  );
  await refuses(
    'a,b\n"1\n",2\n3\n',
    "line 4 has 1 cells, but the header 2, so quote cells with commas in them",
  );
  const bytes = new TextEncoder().encode("a,b\n1,2\n3,?\n");
  bytes[10] = 0xe9;
  await refuses(bytes, "line 3 is not UTF-8, so save the file in that encoding");
});

Deno.test("a quotation mark too few does not take the memory that the file has", async () => {
  const content = 'a,b\n1,"' + "x".repeat(20 * 2 ** 20);
  await refuses(content, "line 2 begins a record of more than 16 MB, so check its quotation marks");
});
