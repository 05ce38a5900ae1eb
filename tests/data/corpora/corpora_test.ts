import assert from "node:assert/strict";
import { lookOf } from "../../../lib/notebook/display.ts";
import { join } from "node:path";
import pl from "nodejs-polars";
import type { Corpus } from "../../../lib/data/corpora/corpus.ts";
import { corpusFiles } from "../../../lib/data/corpora/corpus_files.ts";
import { corpora, corpusNamed } from "../../../lib/data/corpora/mod.ts";
import {
  corpusBatches,
  corpusFrame,
  readCorpus,
  streamCorpus,
} from "../../../lib/data/corpora/read_corpus.ts";
import { sharedData } from "../../shared_data.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { jigsawColumns, jigsawRecord } from "./jigsaw_file.ts";

const jigsaw = corpusNamed("jigsaw-unintended-bias");
const amazon = corpusNamed("amazon-polarity");
const sst2 = corpusNamed("sst2");

async function withFile(
  name: string,
  content: string | pl.DataFrame,
  test: (path: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, name);
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else content.writeParquet(path);
    await test(path);
  });
}

const jigsawHeader = jigsawColumns.join(",");
const shares = { severe_toxicity: 0.1, obscene: 0.2, identity_attack: 0.3, insult: 0.4 };
const allShares = { ...shares, threat: 0.5, sexual_explicit: 0.6 };

Deno.test("every corpus has a name of its own, splits and labels", () => {
  assert.equal(new Set(corpora.map(({ name }) => name)).size, corpora.length);
  for (const { splits, labels } of corpora) {
    assert.ok(Object.values(splits).every(({ rows, files }) => rows > 0 && files.length > 0));
    assert.ok(labels.length > 0);
  }
  assert.throws(
    () => corpusNamed("x"),
    /There is no corpus 'x': name one of jigsaw-unintended-bias, /,
  );
});

Deno.test("Jigsaw gives comments with the seven labels of the paper, in the order of the authors' code", async () => {
  const records = [
    jigsawRecord({ id: 1, target: 0.9, comment_text: 'a "b",\n\nc', ...allShares }),
    jigsawRecord({ id: 2, target: 0, comment_text: "", ...allShares }),
    jigsawRecord({ id: 3, target: 1, comment_text: "d", ...allShares }),
  ];
  await withFile("train.csv", [jigsawHeader, ...records].join("\n") + "\n", async (path) => {
    const { texts, labels, labelNames, skipped } = await readCorpus(jigsaw, [path]);
    assert.deepEqual(texts, ['a "b",\n\nc', "d"]);
    assert.deepEqual(labelNames, [
      "toxicity",
      "severe_toxicity",
      "obscene",
      "identity_attack",
      "insult",
      "threat",
      "sexual_explicit",
    ]);
    assert.deepEqual(labels.slice(0, 7), Float32Array.of(0.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6));
    assert.equal(skipped, 1);
  });
});

Deno.test("Jigsaw's expanded test files call the target toxicity", async () => {
  const header = jigsawHeader.replace("target", "toxicity");
  const record = jigsawRecord({ target: 0.75, comment_text: "a", ...allShares });
  await withFile("test.csv", `${header}\n${record}\n`, async (path) => {
    assert.equal((await readCorpus(jigsaw, [path])).labels[0], 0.75);
  });
});

Deno.test("a file that is not the corpus's is refused with the column that it lacks", async () => {
  await withFile("a.csv", "comment_text,label\na,1\n", async (path) => {
    await assert.rejects(readCorpus(jigsaw, [path]), {
      name: "Error",
      message:
        `Cannot read '${path}' as jigsaw-unintended-bias: it has no column 'target' (it has 'comment_text', ` +
        "'label'), so check that it is the right file",
    });
  });
  await withFile("a.parquet", pl.DataFrame({ text: ["a"], label: [1] }), async (path) => {
    await assert.rejects(
      readCorpus(amazon, [path]),
      /as amazon-polarity: it has no column 'content'/,
    );
  });
});

Deno.test("a value that is not what the corpus has is an error with its line", async () => {
  const bad = (target: string) =>
    [
      jigsawHeader,
      jigsawRecord({ target: 0, comment_text: "a\nb", ...allShares }),
      jigsawRecord({ target, comment_text: "c", ...allShares }),
    ].join("\n");
  for (const [target, name] of [["1.5", "RangeError"], ["toxic", "TypeError"]]) {
    await withFile("a.csv", bad(target), async (path) => {
      const value = name === "TypeError" ? '"toxic"' : "1.5";
      await assert.rejects(readCorpus(jigsaw, [path]), {
        name,
        message:
          `Cannot read '${path}': line 4 has ${value} in column 'target', which must be a number from 0 to 1, ` +
          "so correct or remove that row",
      });
    });
  }
});

Deno.test("Amazon Polarity gives the content without the title, from all files in order", async () => {
  const part = (n: number) =>
    pl.DataFrame({
      label: pl.Series("label", [n % 2, 1], pl.Int64),
      title: ["t", "u"],
      content: [`c${n}`, n === 1 ? "" : "d"],
    });
  await withTemporaryFolder(async (folder) => {
    const inner = join(folder, "amazon_polarity");
    await Deno.mkdir(inner);
    for (const n of [1, 0]) {
      part(n).writeParquet(join(inner, `train-0000${n}-of-00002.parquet`));
    }
    const files = await corpusFiles(amazon, folder);
    const { texts, labels, skipped } = await readCorpus(amazon, files);
    assert.deepEqual(texts, ["c0", "d", "c1"]);
    assert.deepEqual([...labels], [0, 1, 1]);
    assert.equal(skipped, 1);
  });
});

Deno.test("SST-2 loses the blank at the end of its sentences, and hidden labels are missing ones", async () => {
  const frame = pl.DataFrame({
    idx: [0, 1, 2],
    sentence: ["good ", "bad", "hidden "],
    label: pl.Series("label", [1, 0, -1], pl.Int64),
  });
  await withFile("validation-00000-of-00001.parquet", frame, async (path) => {
    const { texts, labels, skipped } = await readCorpus(sst2, [path]);
    assert.deepEqual([texts, [...labels], skipped], [["good", "bad"], [1, 0], 1]);
    const all: unknown[] = [];
    for await (const { text, labels } of streamCorpus(sst2, [path])) all.push([text, ...labels]);
    assert.deepEqual(all[2], ["hidden", NaN]);
  });
});

Deno.test("prompts are read with their scores, and a score that is missing stays missing", async () => {
  const scores = {
    toxicity: 0.25,
    severe_toxicity: null,
    identity_attack: 0,
    insult: 0,
    threat: 0,
  };
  const prompt = { text: "a", ...scores, profanity: 0, sexually_explicit: 0, flirtation: 0 };
  await withFile("p.jsonl", JSON.stringify({ prompt, continuation: {} }) + "\n", async (path) => {
    for (const name of ["realtoxicityprompts", "realtoxicityprompts-10k"]) {
      const { texts, labels } = await readCorpus(corpusNamed(name), [path]);
      assert.deepEqual(texts, ["a"]);
      assert.deepEqual([...labels.slice(0, 2)], [0.25, NaN]);
    }
  });
  const row = {
    md5_hash: "0",
    prompt: { text: "b" },
    continuation: { text: "c" },
    num_positive: 5,
  };
  await withFile("n.jsonl", JSON.stringify(row) + "\n", async (path) => {
    const { texts, labels } = await readCorpus(corpusNamed("openwebtext-sentiment-prompts"), [
      path,
    ]);
    assert.deepEqual([texts, labels], [["b"], Float32Array.of(0.2)]);
  });
});

Deno.test("batches hold all texts once, and a limit reads only the beginning", async () => {
  const rows = Array.from({ length: 25 }, (_, i) => `text ${i}\t${i % 2}`);
  rows[7] = "\t1";
  await withFile("train.tsv", ["sentence\tlabel", ...rows].join("\n"), async (path) => {
    const sizes: number[] = [];
    const texts: string[] = [];
    for await (const batch of corpusBatches(sst2, [path], { rows: 10 })) {
      sizes.push(batch.texts.length);
      texts.push(...batch.texts);
    }
    assert.deepEqual(sizes, [10, 10, 4]);
    assert.deepEqual(texts, (await readCorpus(sst2, [path])).texts);
    assert.deepEqual((await readCorpus(sst2, [path], { limit: 3 })).texts, texts.slice(0, 3));
  });
});

Deno.test("texts and labels make a Polars frame", async () => {
  await withFile("train.tsv", "sentence\tlabel\na\t1\nb\t0\n", async (path) => {
    const frame = await corpusFrame(await readCorpus(sst2, [path]));
    assert.deepEqual(frame.toRecords(), [{ text: "a", positive: 1 }, { text: "b", positive: 0 }]);
  });
});

Deno.test("a split that does not exist, or whose files are not there, is named with where was looked", async () => {
  await withTemporaryFolder(async (folder) => {
    await assert.rejects(
      corpusFiles(sst2, folder, "dev"),
      /no split 'dev': name one of train, validation, test/,
    );
    await assert.rejects(corpusFiles(sst2, folder, "toString"), /no split 'toString'/);
    await assert.rejects(
      corpusFiles(sst2, folder, "test"),
      /no test split of 'sst2' in '.*' \(looked for .*sst2\/test-\*\.parquet.*\), so fetch it from https:/,
    );
  });
});

Deno.test({
  name: "the corpora of ../shared/data are read whole" +
    (sharedData ? "" : " (skipped: no ../shared/data)"),
  ignore: !sharedData,
  async fn() {
    const counts: [Corpus, string, number][] = [
      [sst2, "train", 60_614],
      [corpusNamed("realtoxicityprompts"), "all", 4000],
      [corpusNamed("openwebtext-sentiment-prompts"), "neutral", 4700],
    ];
    for (const [corpus, split, rows] of counts) {
      const { texts } = await readCorpus(corpus, await corpusFiles(corpus, sharedData!, split));
      assert.equal(texts.length, rows);
    }
  },
});

Deno.test("data sets by name show themselves as a table, and each with its parts", async () => {
  const list = (await lookOf(corpora))!["text/plain"] as string;
  for (const { name } of corpora) assert.ok(list.includes(name), name);
  const one = (await lookOf(corpusNamed("sst2")))!["text/plain"] as string;
  assert.match(one, /^sst2\n/);
  assert.match(one, /\ntrain +67,349 /);
});
