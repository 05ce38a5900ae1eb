import assert from "node:assert/strict";
import { join } from "node:path";
import pl from "nodejs-polars";
import { type Cell, markdownTable, writeTables } from "../../lib/experiments/write_tables.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const columns = ["system", "beta", "score"];
const rows: Record<string, Cell>[] = [
  { system: "ARM, distilled", beta: 10, score: 0.123456789 },
  { system: "a|b", beta: 0.5, score: null },
  { system: "RAD", beta: 300 },
];

Deno.test("a table is written as CSV, Parquet and Markdown, with what is missing left empty", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = join(parent, "new", "tables");
    await writeTables(folder, "detox", columns, rows);
    const read = (ending: string) => Deno.readTextFile(join(folder, `detox.${ending}`));
    assert.equal(
      await read("csv"),
      'system,beta,score\n"ARM, distilled",10,0.123456789\na|b,0.5,\nRAD,300,\n',
    );
    const frame = pl.readParquet(join(folder, "detox.parquet"));
    assert.deepEqual(frame.toRecords(), [
      rows[0],
      rows[1],
      { system: "RAD", beta: 300, score: null },
    ]);
    assert.equal(await read("md"), markdownTable(columns, rows));
    assert.equal([...Deno.readDirSync(folder)].length, 3);
  });
});

Deno.test("Markdown has numbers to four digits, and keeps bars out of its own", () => {
  assert.equal(
    markdownTable(columns, rows),
    [
      "| system | beta | score |",
      "| --- | --- | --- |",
      "| ARM, distilled | 10 | 0.1235 |",
      "| a\\|b | 0.5 |  |",
      "| RAD | 300 |  |",
      "",
    ].join("\n"),
  );
});

Deno.test("a table without rows has its header alone", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTables(folder, "none", columns, []);
    assert.equal(await Deno.readTextFile(join(folder, "none.csv")), "system,beta,score\n");
  });
});
