import assert from "node:assert/strict";
import { join } from "node:path";
import { describeTexts, wordLength } from "../../lib/data/describe_texts.ts";
import { Counts, ShareCounts } from "../../lib/data/histogram.ts";
import { printedBy } from "../printed_by.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { jigsawColumns, jigsawRecord } from "./corpora/jigsaw_file.ts";

Deno.test("counts give quantiles and doubling bins", () => {
  const counts = new Counts();
  for (const value of [1, 2, 2, 3, 9, 16, 17]) counts.add(value);
  assert.deepEqual([counts.total, counts.sum], [7, 50]);
  assert.deepEqual([0, 0.5, 0.9, 1].map((share) => counts.quantile(share)), [1, 3, 17, 17]);
  assert.deepEqual(counts.doublingBins(), [
    { from: 1, to: 1, count: 1 },
    { from: 2, to: 2, count: 2 },
    { from: 3, to: 4, count: 1 },
    { from: 5, to: 8, count: 0 },
    { from: 9, to: 16, count: 2 },
    { from: 17, to: 32, count: 1 },
  ]);
  assert.deepEqual(new Counts().doublingBins(), []);
  assert.equal(new Counts().quantile(0.5), NaN);
});

Deno.test("shares fall into tenths, whatever their rounding", () => {
  for (let tenth = 0; tenth <= 10; tenth++) {
    const counts = new ShareCounts();
    counts.add(tenth / 10);
    assert.equal(counts.tenths.indexOf(1), Math.min(9, tenth), `${tenth / 10}`);
  }
  const counts = new ShareCounts();
  for (const value of [0, 0.5, 1, NaN]) counts.add(value);
  const { zeros, ones, high, missing, count, mean } = counts;
  assert.deepEqual([zeros, ones, high, missing, count, mean], [1, 1, 2, 1, 3, 0.5]);
});

Deno.test("texts are described by lengths, labels and what is missing", async () => {
  const rows = [["a b", 1], [undefined, 0], ["a  b\nc", NaN]] as const;
  const stream = (async function* () {
    for (const [text, label] of rows) yield { text, labels: [label] };
  })();
  const { rows: count, missingTexts, lengths, labels } = await describeTexts(
    stream,
    ["positive"],
    wordLength,
  );
  assert.deepEqual([count, missingTexts], [3, 1]);
  assert.deepEqual(
    [lengths.unit, lengths.total, lengths.mean, lengths.min, lengths.median, lengths.max],
    ["words", 5, 2.5, 2, 2, 3],
  );
  assert.deepEqual([labels[0].count, labels[0].missing, labels[0].mean], [2, 1, 0.5]);
});

Deno.test("a CSV is described in memory that does not grow with it", async () => {
  await withTemporaryFolder(async (folder) => {
    const record = jigsawRecord({ target: 0.5, comment_text: 'a "b",\n'.repeat(100) }) + "\n";
    const block = new TextEncoder().encode(record.repeat(1000));
    const write = async (name: string, blocks: number) => {
      const path = join(folder, name);
      using file = await Deno.open(path, { write: true, create: true });
      file.writeSync(new TextEncoder().encode(jigsawColumns.join(",") + "\n"));
      for (let i = 0; i < blocks; i++) {
        for (let at = 0; at < block.length;) at += file.writeSync(block.subarray(at));
      }
      return path;
    };
    const program = new URL("describe_peak.ts", import.meta.url);
    // the small one also fills what the runtime collects only now and then
    const paths = [await write("small.csv", 40), await write("large.csv", 120)];
    const printed = await printedBy(program, ...paths);
    const [small, large] = printed.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual([small.rows, large.rows], [40_000, 120_000]);
    const { size } = await Deno.stat(paths[1]);
    assert.ok(size > 100e6);
    const grown = large.peak - small.peak;
    assert.ok(grown < size / 2, `${grown / 1e6} MB more for ${size / 1.5e6} MB more`);
  });
});
