import assert from "node:assert/strict";
import { join } from "node:path";
import { openScorer } from "../../../lib/eval/scorers/mod.ts";
import {
  openTransformersClassifier,
  probabilities,
} from "../../../lib/eval/scorers/transformers_classifier.ts";
import { withHub } from "../../weights/hub/hub_cache.ts";
import { megabytesGrown } from "../../printed_by.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { tinyScores, writeTinyClassifier } from "./tiny_classifier.ts";

const texts = [
  "A good film.",
  "bad",
  "",
  "bad bad bad good film . unknown words",
  "good ".repeat(30),
  "Film",
];

function close(actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(Math.abs(actual[i] - value) < 1e-6, `${i}: ${actual[i]}, ${value}`)
  );
}

Deno.test("a transformers.js classifier gives the probabilities of its labels, whatever the batch", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = join(parent, "sentiment");
    await writeTinyClassifier(folder);
    for (const batchRows of [1, 2, 32]) {
      await using scorer = await openTransformersClassifier(folder, { batchRows });
      assert.deepEqual([scorer.name, scorer.labels], ["sentiment", ["NEGATIVE", "POSITIVE"]]);
      const told = new Map<number, ArrayLike<number>>();
      const scores = await scorer.score(texts, {
        onScored: (scored) => scored.forEach(({ index, scores }) => told.set(index, scores)),
      });
      close(scores, texts.flatMap((text) => tinyScores(text)));
      texts.forEach((text, i) => close(told.get(i)!, tinyScores(text)));
    }
  });
});

Deno.test("labels that a text may have several of are scored each by itself", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTinyClassifier(folder, { problem_type: "multi_label_classification" });
    await using scorer = await openTransformersClassifier(folder);
    close(await scorer.score(texts), texts.flatMap((text) => tinyScores(text, true)));
  });
  assert.deepEqual([...probabilities([0, 0, 1000, 0], 2, false)], [0.5, 0.5, 1, 0]);
});

Deno.test("a classifier's tokens are those of Hugging Face's tokenizers, where transformers.js has others", async () => {
  await withTemporaryFolder(async (folder) => {
    // transformers.js reads tokenizer.json alone
    await writeTinyClassifier(folder);
    const path = join(folder, "tokenizer_config.json");
    const settings = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...settings, do_lower_case: false }));
    await using scorer = await openTransformersClassifier(folder);
    close(await scorer.score(["Good", "good"]), [...tinyScores("unknown"), ...tinyScores("good")]);
  });
});

Deno.test("the version is the same in another folder, and another one where a file is", async () => {
  await withTemporaryFolder(async (parent) => {
    const versions: string[] = [];
    for (const [name, config] of [["a", {}], ["b", {}], ["c", { extra: 1 }]] as const) {
      await writeTinyClassifier(join(parent, name), config);
      await using scorer = await openTransformersClassifier(join(parent, name));
      versions.push(scorer.version);
    }
    assert.match(versions[0], /^[0-9a-f]{12} fp32$/);
    assert.equal(versions[0], versions[1]);
    assert.notEqual(versions[0], versions[2]);
  });
});

Deno.test("a classifier by its name on the hub is fetched once, and has the version of its folder", async () => {
  await withHub(async ({ hub, parent, options }) => {
    const folder = join(parent, "tiny");
    await writeTinyClassifier(folder);
    await hub.serveFolder("owner/tiny", folder);
    await using scorer = await openScorer("owner/tiny", options);
    await using local = await openTransformersClassifier(folder);
    assert.deepEqual([scorer.name, scorer.version], ["owner/tiny", local.version]);
    close(await scorer.score(texts), texts.flatMap((text) => tinyScores(text)));
    await using again = await openScorer("owner/tiny", { ...options, offline: true });
    assert.equal(again.version, scorer.version);
    await assert.rejects(
      openScorer("owner/tiny", { ...options, dtype: "q8" }),
      /it has no onnx\/model_quantized.onnx \(dtype q8\); it has fp32, so choose one of these/,
    );
  });
});

Deno.test("a stopped classifier keeps what it told, and scoring leaves no memory behind", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTinyClassifier(folder);
    await using scorer = await openTransformersClassifier(folder, { batchRows: 2 });
    const controller = new AbortController();
    const told: number[] = [];
    await assert.rejects(
      scorer.score(texts, {
        signal: controller.signal,
        onScored(scored) {
          told.push(...scored.map(({ index }) => index));
          controller.abort(new Error("enough"));
        },
      }),
      /enough/,
    );
    assert.equal(told.length, 2);
    const grown = await megabytesGrown(new URL("classifier_growth.ts", import.meta.url), folder);
    assert.ok(grown < 60, `${grown} MB more`);
  });
});

Deno.test("a folder that is no classifier is refused in one sentence", async () => {
  await withTemporaryFolder(async (parent) => {
    const none = join(parent, "none");
    await assert.rejects(
      openTransformersClassifier(none),
      /there is no such folder, so check the path/,
    );
    const lm = join(parent, "lm");
    await writeTinyClassifier(lm, { id2label: undefined });
    await assert.rejects(openTransformersClassifier(lm), {
      name: "TypeError",
      message:
        `'${lm}' is not a text classifier: its config.json has no id2label, so name one that has its labels there`,
    });
    const more = join(parent, "more");
    await writeTinyClassifier(more, { id2label: { 0: "a", 1: "b", 2: "c" } });
    await using scorer = await openTransformersClassifier(more);
    await assert.rejects(scorer.score(["good"]), /does not give a logit for each of its 3 labels/);
    await assert.rejects(
      openTransformersClassifier(more, { dtype: "q4" }),
      /no onnx\/model_q4.onnx/,
    );
  });
});
