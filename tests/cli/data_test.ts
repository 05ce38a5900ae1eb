import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { jigsawColumns, jigsawRecord } from "../data/corpora/jigsaw_file.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask } from "./run_task.ts";

Deno.test("a table is described in words or in the tokens of a tokenizer, as a table or as JSON", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.csv");
    await Deno.writeTextFile(path, 'text,label\n"a b\nc",1\n,0.5\nd,\n');
    const { stdout } = await runTask("data", "describe", path);
    assert.match(
      stdout,
      /^a\.csv\nrows +3\nwithout text +1\nwords +4; a text: mean 2\.0, min 1, median 1, .* max 3\n/,
    );
    assert.match(stdout, /\nlabel +2 +1 +0\.7500 +0\.0 % +50\.0 % +100\.0 %\n/);
    await writeTokenizer(folder, trainByteLevelBpe(["a b c"], { vocabSize: 257 }));
    const json = await runTask("data", "describe", path, "--tokenizer", folder, "--json");
    const { rows, missingTexts, lengths, labels } = JSON.parse(json.stdout);
    assert.deepEqual([rows, missingTexts, lengths.unit, lengths.max], [3, 1, "tokens", 5]);
    assert.deepEqual([labels[0].name, labels[0].missing], ["label", 1]);
  });
});

Deno.test("a corpus is described by name, from a folder of data sets, or from files of it", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.mkdir(join(folder, "jigsaw"));
    const path = join(folder, "jigsaw", "train.csv");
    const record = jigsawRecord({ target: 0.5, comment_text: 'a\n"b"' });
    await Deno.writeTextFile(path, [jigsawColumns.join(","), record].join("\n"));
    const named = ["jigsaw-unintended-bias", "--data", folder, "--json"] as const;
    const byName = JSON.parse((await runTask("data", "describe", ...named)).stdout);
    assert.deepEqual(
      [
        byName.corpus,
        byName.split,
        byName.files,
        byName.rows,
        byName.publishedRows,
        byName.labels.length,
      ],
      ["jigsaw-unintended-bias", "train", ["train.csv"], 1, 1_804_874, 7],
    );
    const { stdout } = await runTask(
      "data",
      "describe",
      path,
      "--corpus",
      "jigsaw-unintended-bias",
    );
    assert.match(stdout, /^jigsaw-unintended-bias: train\.csv\nrows +1\n/);
    await refuse(
      1,
      /no test_public split of 'jigsaw-unintended-bias' in/,
      "data",
      "describe",
      ...named,
      "--split",
      "test_public",
    );
  });
});

Deno.test("all corpora are listed", async () => {
  const { stdout } = await runTask("data", "list");
  assert.match(stdout, /^jigsaw-unintended-bias: .*\n {2}labels: toxicity, /);
  const listed = JSON.parse((await runTask("data", "list", "--json")).stdout);
  assert.equal(listed.length, 6);
});

Deno.test("options that do not go together, and data that is not there, end with one sentence", async () => {
  const describe = ["data", "describe"] as const;
  await refuse(
    2,
    /'--text-column' goes with files, and 'sst2' is a corpus by name/,
    ...describe,
    "sst2",
    "--text",
    "x",
  );
  await refuse(2, /'--split' goes with a corpus by name/, ...describe, "a.csv", "--split", "x");
  await refuse(
    2,
    /cannot be used with --corpus/,
    ...describe,
    "a.csv",
    "--corpus",
    "sst2",
    "--label",
    "x",
  );
  await refuse(
    1,
    /There is no corpus 'x': name one of jigsaw/,
    ...describe,
    "a.csv",
    "--corpus",
    "x",
  );
  await refuse(1, /Cannot read 'a.csv': there is no such file/, ...describe, "a.csv");
});
