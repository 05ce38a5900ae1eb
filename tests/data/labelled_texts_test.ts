import assert from "node:assert/strict";
import { join } from "node:path";
import pl from "nodejs-polars";
import {
  type LabelledTexts,
  type LabelledTextsOptions,
  readLabelledTexts,
} from "../../lib/data/labelled_texts.ts";
import { sharedData } from "../shared_data.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

async function readFrom(
  files: Record<string, string>,
  options?: LabelledTextsOptions,
): Promise<LabelledTexts> {
  let read: LabelledTexts | undefined;
  await withTemporaryFolder(async (folder) => {
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), content);
    }
    read = await readLabelledTexts(Object.keys(files).map((name) => join(folder, name)), options);
  });
  return read!;
}

async function refuses(
  files: Record<string, string>,
  name: string,
  sentence: string,
  options?: LabelledTextsOptions,
): Promise<void> {
  await assert.rejects(readFrom(files, options), (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.name, name);
    assert.equal(error.message.replace(/^Cannot read '[^']*': /, ""), sentence);
    return true;
  });
}

Deno.test("texts and labels are read from files of different formats, one after the other", async () => {
  const { texts, labels, labelNames, skipped } = await readFrom({
    "a.tsv": 'label\tsentence\n1\ta \n0\t "b\n',
    "b.csv": 'text,label\n"c,\n",0.25\nd, 1e-1 \n',
    "c.jsonl": '{"text":"e","sentence":"x","label":0.5}\n',
  });
  assert.deepEqual(texts, ["a ", ' "b', "c,\n", "d", "e"]);
  assert.deepEqual(labels, new Float32Array([1, 0, 0.25, 0.1, 0.5]));
  assert.deepEqual([labelNames, skipped], [["label"], 0]);
});

Deno.test("several labels are row-major, from nested records too", async () => {
  const { texts, labels, labelNames, skipped } = await readFrom(
    {
      "a.jsonl": '{"p":{"text":"a","x":0,"y":1},"c":{"text":"b","x":0.5,"y":null}}\n' +
        '{"p":{"text":"c","x":0.5,"y":0.25}}\n',
    },
    { labels: ["y", "x"], records: ["p", "c"], missing: "skip" },
  );
  assert.deepEqual(texts, ["a", "c"]);
  assert.deepEqual(labels, new Float32Array([1, 0, 0.25, 0.5]));
  assert.deepEqual([labelNames, skipped], [["y", "x"], 2]);
});

Deno.test("Parquet labels may be whole or broken numbers, and missing ones are found", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    pl.DataFrame({ text: ["a", "b", "c", null], x: [0.5, NaN, null, 1], y: [1n, 0n, 1n, 1n] })
      .writeParquet(path);
    const whole = await readLabelledTexts([path], { labels: ["y", "x"], missing: "skip" });
    assert.deepEqual(whole.texts, ["a"]);
    assert.deepEqual(whole.labels, new Float32Array([1, 0.5]));
    assert.equal(whole.skipped, 3);
    await assert.rejects(readLabelledTexts([path], { labels: ["x"] }), {
      name: "Error",
      message: `Cannot read '${path}': row 2 has no label in column 'x', so fill it in or choose ` +
        "to skip rows with missing values",
    });
    await assert.rejects(readLabelledTexts([path], { textColumn: "x", labels: ["y"] }), {
      name: "TypeError",
      message: `Cannot read '${path}': row 1 has no text in column 'x' but 0.5, so name the ` +
        "column that holds the text",
    });
    await assert.rejects(readLabelledTexts([path], { labels: ["text"] }), {
      name: "TypeError",
      message: `Cannot read '${path}': row 1 has the label "a" in column 'text', so make it a ` +
        "number from 0 to 1",
    });
  });
});

Deno.test("a missing text or label is an error with its line", async () => {
  const wayOut = "so fill it in or choose to skip rows with missing values";
  for (const [row, column] of [["a\t", "label"], ["a\tNaN", "label"]]) {
    await refuses(
      { "a.tsv": `text\tlabel\nb\t1\n${row}\n` },
      "Error",
      `line 3 has no label in column '${column}', ${wayOut}`,
    );
  }
  await refuses(
    { "a.csv": 'text,label\n"b\n",1\n"",0\n' },
    "Error",
    `line 4 has no text in column 'text', ${wayOut}`,
  );
  await refuses(
    { "a.jsonl": '{"text":"a","label":1}\n{"text":"a","label":null}\n' },
    "Error",
    `line 2 has no label in column 'label', ${wayOut}`,
  );
});

Deno.test("a label that is no number is an error with its line", async () => {
  for (const label of ["positive", "0x1", "1,0", "yes", "1 0"]) {
    await refuses(
      { "a.tsv": `text\tlabel\na\t1\nb\t${label}\n` },
      "TypeError",
      `line 3 has the label "${label}" in column 'label', so make it a number from 0 to 1`,
    );
  }
  await refuses(
    { "a.jsonl": '{"text":"a","label":[1]}\n' },
    "TypeError",
    "line 1 has the label [1] in column 'label', so make it a number from 0 to 1",
  );
});

Deno.test("truth values are labels, as Python and SQL write them", async () => {
  const { labels } = await readFrom({
    "a.csv": "text,label\na,True\nb,false\n",
    "b.jsonl": '{"text":"c","label":true}\n{"text":"d","label":false}\n',
  });
  assert.deepEqual([...labels], [1, 0, 1, 0]);
});

Deno.test("NaN is a missing label in every format", async () => {
  const files: Record<string, string> = {
    "a.csv": "text,label\na,NaN\nb,1\n",
    "a.jsonl": '{"text":"a","label":NaN}\n{"text":"b","label":1}\n',
  };
  for (const [name, content] of Object.entries(files)) {
    const file = { [name]: content };
    const { texts, skipped } = await readFrom(file, { missing: "skip" });
    assert.deepEqual([texts, skipped], [["b"], 1]);
  }
  await refuses(
    { "a.jsonl": '{"text":"a","label":-Infinity}\n' },
    "RangeError",
    "line 1 has the label -Infinity in column 'label', so make it a number from 0 to 1",
  );
});

Deno.test("a label outside [0, 1] is an error with its line", async () => {
  for (const label of ["-0.001", "1.001", "5", "1e400", "Infinity"]) {
    await refuses(
      { "a.csv": `text,label\na,1\nb,${label}\n` },
      "RangeError",
      `line 3 has the label ${Number(label)} in column 'label', so make it a number from 0 to 1`,
    );
  }
});

Deno.test("a column that is not there is an error that names those that are", async () => {
  const table = { "a.tsv": "review\tscore\na\t1\n" };
  const there = "so name one of those it has: 'review', 'score'";
  await refuses(table, "Error", `it has no column 'text' or 'sentence', ${there}`);
  await refuses(table, "Error", `it has no column 'label', ${there}`, { textColumn: "review" });
  await refuses(table, "Error", `it has no column 'body', ${there}`, { textColumn: "body" });
});

Deno.test("a Polars frame is read as a file is", async () => {
  const frame = pl.DataFrame({
    review: ["good", "bad", null],
    stars: [1, 0.25, 0.5],
    spam: [false, true, false],
  });
  const options = { textColumn: "review", labels: ["stars", "spam"], missing: "skip" } as const;
  const { texts, labels, skipped } = await readLabelledTexts(frame, options);
  assert.deepEqual(texts, ["good", "bad"]);
  assert.deepEqual([...labels], [1, 0, 0.25, 1]);
  assert.equal(skipped, 1);
  await assert.rejects(readLabelledTexts(frame, { ...options, missing: "error" }), {
    message:
      "Cannot read 'frame': row 3 has no text in column 'review', so fill it in or choose to " +
      "skip rows with missing values",
  });
});

Deno.test("a frame's decimals are numbers, its categories texts, and fields of its structs columns", async () => {
  const frame = pl.DataFrame({ text: ["good", "bad"], label: [1, 0] }).withColumns(
    pl.col("label").cast(pl.Decimal(5, 2)),
    pl.struct([pl.col("text").cast(pl.Categorical)]).alias("prompt"),
  );
  const { texts, labels } = await readLabelledTexts(frame, { textColumn: "prompt.text" });
  assert.deepEqual(texts, ["good", "bad"]);
  assert.deepEqual([...labels], [1, 0]);
});

Deno.test("a label that another program spells as missing is missing", async () => {
  const spelled = ["", "NA", "n/a", "NULL", "None", "<NA>", "\\N", "NaN"];
  const rows = spelled.map((label) => `a,${label}\n`).join("");
  const { texts, skipped } = await readFrom(
    { "a.csv": `text,label\n${rows}b,1\n` },
    { missing: "skip" },
  );
  assert.deepEqual([texts, skipped], [["b"], spelled.length]);
});

Deno.test("options that ask for nothing, and files that give nothing, are refused", async () => {
  await assert.rejects(readLabelledTexts([]), {
    name: "RangeError",
    message:
      "readLabelledTexts: 'source' must be a list of one or more, each a text, not a list of 0.",
  });
  await assert.rejects(readLabelledTexts("a.tsv", { labels: [] }), {
    name: "RangeError",
    message:
      "readLabelledTexts: 'labels' must be a list of one or more, each a text, not a list of 0.",
  });
  await assert.rejects(
    readLabelledTexts(pl.DataFrame({ text: ["a"], label: [1] }), { records: ["prompt"] }),
    /^TypeError: readLabelledTexts: 'records' are those of .jsonl files, and a frame has none/,
  );
  const table = { "a.tsv": "text\tlabel\na\t\n" };
  await assert.rejects(
    readFrom(table, { missing: "skip" }),
    /a text or label is missing in every row, so check the names of the columns$/,
  );
});

Deno.test({
  name: "SST-2 and RealToxicityPrompts are read whole" +
    (sharedData ? "" : " (needs ../shared/data)"),
  ignore: sharedData === undefined,
  fn: async () => {
    const train = await readLabelledTexts([join(sharedData!, "sst2/train.tsv")]);
    assert.equal(train.texts.length, 60_614);
    assert.equal(train.texts[0], "when are bears bears and ");
    const remarks = await readLabelledTexts([join(sharedData!, "realtoxicity/scored.jsonl")], {
      records: ["prompt", "continuation"],
      labels: ["toxicity", "insult"],
      missing: "skip",
    });
    assert.equal(remarks.texts.length + remarks.skipped, 8_000);
    assert.equal(remarks.labels.length, 2 * remarks.texts.length);
  },
});
