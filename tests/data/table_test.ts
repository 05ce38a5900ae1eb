import assert from "node:assert/strict";
import { join } from "node:path";
import pl from "nodejs-polars";
import { readTable, type Table, type TableOptions } from "../../lib/data/table.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

async function readFrom(
  name: string,
  content: string | Uint8Array,
  options: TableOptions = {},
): Promise<Table> {
  let table: Table | undefined;
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, name);
    await Deno.writeFile(path, bytesOf(content));
    table = await readTable(path, options);
  });
  return table!;
}

/** Checks the whole sentence after "Cannot read '…/name': ". */
async function refuses(
  name: string,
  content: string | Uint8Array,
  errorName: string,
  sentence: string | RegExp,
  options: TableOptions = {},
): Promise<void> {
  await assert.rejects(readFrom(name, content, options), (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.name, errorName);
    const [, rest] = error.message.match(/^Cannot read '.*': (.*)$/)!;
    if (typeof sentence === "string") assert.equal(rest, sentence);
    else assert.match(rest, sentence);
    return true;
  });
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function valuesOf(table: Table, name: string): unknown[] {
  return Array.from(table.column(name));
}

Deno.test("a TSV keeps quotes and blanks as they are", async () => {
  const table = await readFrom("a.tsv", "\ufefftext\tlabel\r\n \"a' b \t1\r\n\t0\r\nc\t\n");
  assert.deepEqual(table.columns, ["text", "label"]);
  assert.equal(table.length, 3);
  assert.deepEqual(valuesOf(table, "text"), [" \"a' b ", "", "c"]);
  assert.deepEqual(valuesOf(table, "label"), ["1", "0", ""]);
  assert.equal(table.place(2), "line 4");
});

Deno.test("a CSV is unquoted, and its rows are placed by the line on which they begin", async () => {
  const table = await readFrom("a.csv", 'text,label\n"a, ""b""\n\nc",1\n d ,\n"\n",0.5\ne,1\n');
  assert.deepEqual(table.columns, ["text", "label"]);
  assert.deepEqual(valuesOf(table, "text"), ['a, "b"\n\nc', " d ", "\n", "e"]);
  assert.deepEqual(valuesOf(table, "label"), ["1", "", "0.5", "1"]);
  assert.deepEqual(
    Array.from({ length: table.length }, (_, row) => table.place(row)),
    ["line 2", "line 5", "line 6", "line 8"],
  );
});

Deno.test("JSON Lines have their fields as columns, and nested fields by their path", async () => {
  const table = await readFrom(
    "a.jsonl",
    '{"id":1,"prompt":{"text":"a"}}\n\n{"prompt":{"text":"b"},"prompt.text":"c"}\n{"prompt":null}\n',
  );
  assert.deepEqual(table.columns, ["id", "prompt", "prompt.text"]);
  assert.deepEqual(valuesOf(table, "prompt.text"), ["a", "c", undefined]);
  assert.deepEqual([table.has("prompt.text"), table.has("prompt.id")], [true, false]);
  assert.equal(table.place(1), "line 3");
});

Deno.test("nested records of JSON Lines are rows of their own", async () => {
  const table = await readFrom(
    "a.jsonl",
    '{"p":{"text":"a"},"c":{"text":"b","x":1}}\n{"p":{"text":"c"}}\n',
    { records: ["p", "c"] },
  );
  assert.deepEqual(table.columns, ["text", "x"]);
  assert.deepEqual(valuesOf(table, "text"), ["a", "b", "c", undefined]);
  assert.equal(table.place(3), "line 2");
});

Deno.test("Parquet columns keep their types", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    pl.DataFrame({ text: ["a", null], score: [0.5, null], count: [1n, 2n] }).writeParquet(path);
    const table = await readTable(path);
    assert.deepEqual(table.columns, ["text", "score", "count"]);
    assert.deepEqual(valuesOf(table, "text"), ["a", null]);
    assert.deepEqual(valuesOf(table, "score"), [0.5, null]);
    assert.deepEqual(valuesOf(table, "count").map(Number), [1, 2]);
    assert.equal(table.place(1), "row 2");
  });
});

Deno.test("a column that is not there is an error that names those that are", async () => {
  const wanted = "it has no column 'x', so name one of those it has: 'text', 'label'";
  for (
    const [name, content] of [
      ["a.tsv", "text\tlabel\na\t1\n"],
      ["a.csv", "text,label\na,1\n"],
      ["a.jsonl", '{"text":"a","label":1}\n'],
    ]
  ) {
    const table = await readFrom(name, content);
    assert.throws(() => table.column("x"), (error) => (error as Error).message.endsWith(wanted));
  }
});

Deno.test("only the columns that may be asked for are kept, and errors name all", async () => {
  const table = await readFrom("a.csv", "text,label,more\na,1,x\n", { columns: ["text", "none"] });
  assert.deepEqual(valuesOf(table, "text"), ["a"]);
  assert.throws(() => table.column("none"), /no column 'none', .*: 'text', 'label', 'more'$/);
});

Deno.test("empty files, and files without rows, are refused", async () => {
  const empty = "it is empty, so check that it is the right file";
  const noRows = "it has no rows, so check that it is the right file";
  await refuses("a.tsv", "", "SyntaxError", empty);
  await refuses("a.csv", "", "SyntaxError", empty);
  await refuses("a.parquet", "", "SyntaxError", empty);
  await refuses("a.jsonl", "", "Error", noRows);
  await refuses("a.jsonl", "\n\n", "Error", noRows);
  await refuses("a.tsv", "text\tlabel\n", "Error", noRows);
  await refuses("a.csv", "text,label\n", "Error", noRows);
});

Deno.test("bytes that are not UTF-8 are refused with their line", async () => {
  const bytes = new Uint8Array([...bytesOf("text\nb\n"), 0xe9, 0x0a]);
  const sentence = "line 3 is not UTF-8, so save the file in that encoding";
  for (const name of ["a.tsv", "a.csv", "a.jsonl"]) {
    const start = name === "a.jsonl" ? bytesOf("{}\n{}\n") : bytesOf("text\nb\n");
    await refuses(name, new Uint8Array([...start, ...bytes.slice(-2)]), "SyntaxError", sentence);
  }
});

Deno.test("content that is not of the format is refused in one sentence", async () => {
  await refuses(
    "a.tsv",
    "text\tlabel\na\t1\nb\tc\t1\n",
    "SyntaxError",
    "line 3 has 3 cells, but the header 2, so have one row a line and no tabs within cells",
  );
  const csv: [string, string][] = [
    ["a,b\n1,2,3\n", "line 2 has 3 cells, but the header 2, so quote cells with commas in them"],
    [
      'a,b\n"1,2\n3,4\n',
      "line 2 opens a quotation that is never closed, so check its quotation marks",
    ],
    [
      'a,b\n"x \\"y\\" z",1\n',
      "line 2 has a quotation mark behind a backslash, so write the file with such marks doubled",
    ],
    [
      'a,b\n"x,1\ny,0\n"z",1\n',
      "line 4 has text behind a closing quotation mark, of the quotation that line 2 opens, so check its quotation marks",
    ],
    [
      'a,b\nx "y",1\n',
      "line 2 has a quotation mark within a cell that is not quoted, so check its quotation marks",
    ],
    [
      "a,b\rx,1\ry,0\r",
      "line 1 has a carriage return within a cell that is not quoted, so end lines with line feeds",
    ],
    ["a,a\n1,2\n", "it has two columns named 'a', so rename one of them"],
    ["a\0,b\0\n1,2\n", "it holds NUL bytes, as UTF-16 does, so save it as UTF-8"],
  ];
  for (const [content, sentence] of csv) await refuses("a.csv", content, "SyntaxError", sentence);
  await refuses(
    "a.parquet",
    "PAR1",
    "SyntaxError",
    /^it is not valid Parquet \(.*\), so fetch or write it/,
  );
  await refuses(
    "a.jsonl",
    "{}\n{\n",
    "SyntaxError",
    "line 2 is not a JSON object, so correct or remove that line",
  );
});

Deno.test("a truncated Parquet file is refused", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    pl.DataFrame({ text: ["a", "b"] }).writeParquet(path);
    const bytes = await Deno.readFile(path);
    for (const length of [4, bytes.length >> 1, bytes.length - 1]) {
      await refuses("b.parquet", bytes.slice(0, length), "SyntaxError", /^it is not valid Parquet/);
    }
  });
});

Deno.test("an unknown extension, a missing file, and records outside JSON Lines are refused", async () => {
  await refuses(
    "a.xlsx",
    "x",
    "Error",
    "its name does not end in .tsv, .csv, .jsonl or .parquet, so rename it after its format",
  );
  await refuses(
    "a.tsv",
    "text\na\n",
    "Error",
    "only .jsonl files have nested records, so leave 'records' out",
    { records: ["prompt"] },
  );
  await assert.rejects(readTable("missing.tsv"), {
    name: "Error",
    message: "Cannot read 'missing.tsv': there is no such file, so check the path",
  });
});
