import assert from "node:assert/strict";
import { join } from "node:path";
import pl from "nodejs-polars";
import { readPreferencePairs } from "../../lib/data/preference_pairs.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const rows = [
  { prompt: "Say hi.", chosen: " Hello!", rejected: " No." },
  { prompt: null, chosen: "Good.", rejected: "Bad." },
];

Deno.test("pairs are read from JSON Lines, Parquet and frames, with prompts where there are any", async () => {
  await withTemporaryFolder(async (folder) => {
    const lines = join(folder, "pairs.jsonl");
    await Deno.writeTextFile(lines, rows.map((row) => JSON.stringify(row)).join("\n"));
    const parquet = join(folder, "pairs.parquet");
    const frame = pl.DataFrame(rows);
    frame.writeParquet(parquet);
    for (const source of [lines, parquet, frame]) {
      const { prompts, chosen, rejected, labelNames } = await readPreferencePairs(source);
      assert.deepEqual(prompts, ["Say hi.", ""]);
      assert.deepEqual([chosen, rejected], [[" Hello!", "Good."], [" No.", "Bad."]]);
      assert.deepEqual(labelNames, ["preferred"]);
    }
  });
});

Deno.test("a pair that lacks an answer is named by its line, or left out if asked", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "pairs.jsonl");
    const write = (rows: object[]) =>
      Deno.writeTextFile(path, rows.map((row) => JSON.stringify(row)).join("\n"));
    await write([rows[0], { rejected: "Bad." }]);
    await assert.rejects(
      readPreferencePairs([path]),
      /line 2 has no chosen text in column 'chosen', so fill it in or choose to skip rows/,
    );
    assert.equal((await readPreferencePairs([path], { missing: "skip" })).skipped, 1);
    await write([{ ...rows[0], rejected: 7 }]);
    await assert.rejects(
      readPreferencePairs(path),
      /line 1 has no text in column 'rejected' but 7/,
    );
    await write([{ prompt: "a", good: "b", rejected: "c" }]);
    await assert.rejects(
      readPreferencePairs(path),
      /it has no column 'chosen', so name one of those it has: 'prompt', 'good', 'rejected'/,
    );
  });
});
