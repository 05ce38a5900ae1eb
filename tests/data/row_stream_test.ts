import assert from "node:assert/strict";
import { join } from "node:path";
import pl from "nodejs-polars";
import { openRows, type StreamedRow } from "../../lib/data/row_stream.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

async function rowsOf(path: string, columns: string[]): Promise<StreamedRow[]> {
  const rows: StreamedRow[] = [];
  for await (const row of (await openRows(path)).rows(columns)) rows.push(row);
  return rows;
}

Deno.test("rows of every format come with their place and the chosen columns", async () => {
  await withTemporaryFolder(async (folder) => {
    const write = async (name: string, content: string) => {
      const path = join(folder, name);
      await Deno.writeTextFile(path, content);
      return path;
    };
    const csv = await write("a.csv", 'text,n,label\n"a\nb",1,0\nc,2,1\n');
    assert.deepEqual(await rowsOf(csv, ["label", "text"]), [
      { place: "line 2", values: ["0", "a\nb"] },
      { place: "line 4", values: ["1", "c"] },
    ]);
    const tsv = await write("a.tsv", 'text\tlabel\n"a\t1\nb\t\n');
    assert.deepEqual(await rowsOf(tsv, ["text", "label"]), [
      { place: "line 2", values: ['"a', "1"] },
      { place: "line 3", values: ["b", ""] },
    ]);
    const json = await write(
      "a.jsonl",
      '{"prompt":{"text":"a","toxicity":null},"n":1}\n\n{"n":2}\n',
    );
    assert.deepEqual((await openRows(json)).columns, ["prompt.text", "prompt.toxicity", "n"]);
    assert.deepEqual(await rowsOf(json, ["prompt.text", "n"]), [
      { place: "line 1", values: ["a", 1] },
      { place: "line 3", values: [undefined, 2] },
    ]);
    const parquet = join(folder, "a.parquet");
    pl.DataFrame({ text: ["a", null], label: [0.5, null] }).writeParquet(parquet);
    assert.deepEqual(await rowsOf(parquet, ["text", "label"]), [
      { place: "row 1", values: ["a", 0.5] },
      { place: "row 2", values: [null, null] },
    ]);
  });
});

Deno.test("a Parquet file of several stretches is read whole and in order, and tells its progress", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    const count = 25_000;
    pl.DataFrame({ n: Array.from({ length: count }, (_, i) => i) }).writeParquet(path);
    const stream = await openRows(path);
    const bytes: number[] = [];
    let row = 0;
    for await (const { values } of stream.rows(["n"], (done) => bytes.push(done))) {
      assert.equal(values[0], row++);
    }
    assert.equal(row, count);
    assert.equal(bytes.length, 3);
    assert.equal(bytes[2], stream.size);
  });
});

Deno.test("fields of structs are columns by their paths in Parquet, and what SQL engines write is text and numbers", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    pl.DataFrame({
      prompt: [{ text: "a", by: { name: "x" } }, { text: "b", by: { name: "y" } }],
      label: [1, 0],
    }).withColumns(pl.col("label").cast(pl.Decimal(5, 2)).alias("price")).writeParquet(path);
    const { columns } = await openRows(path);
    assert.deepEqual(columns, ["prompt.text", "prompt.by.name", "label", "price"]);
    const rows = await rowsOf(path, ["prompt.by.name", "price", "prompt.text"]);
    assert.deepEqual(rows.map(({ values }) => values), [["x", 1, "a"], ["y", 0, "b"]]);
  });
});

Deno.test("a column that is not there, a broken file and another extension are refused", async () => {
  await withTemporaryFolder(async (folder) => {
    const csv = join(folder, "a.csv");
    await Deno.writeTextFile(csv, "text,label\na,1\n");
    await assert.rejects(rowsOf(csv, ["text", "x"]), {
      message:
        `Cannot read '${csv}': it has no column 'x', so name one of those it has: 'text', 'label'`,
    });
    const parquet = join(folder, "a.parquet");
    await Deno.writeTextFile(parquet, "PAR1 but no more");
    await assert.rejects(openRows(parquet), (error) => {
      assert.ok(error instanceof SyntaxError);
      assert.match(error.message, /it is not valid Parquet \(.*\), so fetch or write it again$/);
      return true;
    });
    const text = join(folder, "a.txt");
    await Deno.writeTextFile(text, "a");
    await assert.rejects(openRows(text), /its name does not end in .tsv, .csv, .jsonl or .parquet/);
    await assert.rejects(openRows(join(folder, "b.csv")), /there is no such file/);
  });
});
