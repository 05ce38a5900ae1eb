import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { classificationQuality } from "../../lib/eval/classification.ts";
import { readClassifierFolder, writeClassifierFolder } from "../../lib/eval/classifier_folder.ts";
import { openScorer } from "../../lib/eval/scorers/mod.ts";
import { trainTextClassifiers } from "../../lib/eval/train_text_classifiers.ts";
import { Random } from "../../lib/random.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Texts of random words, with a label for "good" and one for "calm" among them. */
function labelledTexts(count: number) {
  const words = ["good", "bad", "calm", "loud", "film", "the", "a", "was"];
  const texts = Array.from({ length: count }, (_, i) => {
    const random = new Random(1, i);
    return Array.from({ length: 4 }, () => words[random.integer(words.length)]).join(" ");
  });
  const labels = texts.flatMap((text) =>
    ["good", "calm"].map((word) => Number(text.includes(word)))
  );
  return { texts, labels: Float32Array.from(labels), labelNames: ["good", "calm"], skipped: 0 };
}

Deno.test("accuracy and the area under the ROC curve are those computed by hand", () => {
  const quality = classificationQuality([0.1, 0.4, 0.4, 0.8], [0, 1, 0, 0.5]);
  // of the four pairs (1, 0), three are in order and one is a tie
  assert.deepEqual(quality, { texts: 4, positives: 0.5, accuracy: 0.75, auc: 3.5 / 4 });
  assert.ok(Number.isNaN(classificationQuality([0.1], [1]).auc));
  assert.throws(() => classificationQuality([], []), RangeError);
  assert.throws(() => classificationQuality([1], []), RangeError);
});

Deno.test("the area under the ROC curve is the share of pairs in order", () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { minLength: 2 });
  fc.assert(fc.property(rows, (rows) => {
    const of = (wanted: boolean) =>
      rows.filter(([, label]) => label === wanted).map(([score]) => score);
    const pairs = of(true).flatMap((one) =>
      of(false).map((zero) => Math.sign(one - zero) / 2 + 0.5)
    );
    const { auc } = classificationQuality(
      rows.map(([score]) => score / 5),
      rows.map(([, y]) => Number(y)),
    );
    const wanted = pairs.reduce((sum, pair) => sum + pair, 0) / pairs.length;
    assert.ok(pairs.length === 0 ? Number.isNaN(auc) : Math.abs(auc - wanted) < 1e-12);
  }));
});

Deno.test("classifiers of several labels are measured on texts that they were not trained on", () => {
  const told: string[] = [];
  const trained = trainTextClassifiers(labelledTexts(600), {
    onLabel: ({ label }) => told.push(label),
  });
  assert.deepEqual(told, ["good", "calm"]);
  for (const { classifier, label, heldOut } of trained) {
    assert.ok(heldOut!.accuracy > 0.95 && heldOut!.auc > 0.95, JSON.stringify(heldOut));
    assert.ok(classifier.probability(label) > 0.5);
  }
});

Deno.test("equal texts are all trained on or all held out", () => {
  const texts = Array.from({ length: 100 }, (_, i) => `text ${i % 10} ${i % 2 ? "good" : "bad"}`);
  const labels = Float32Array.from(texts, (_, i) => i % 2);
  const [{ heldOut }] = trainTextClassifiers(
    { texts, labels, labelNames: ["good"], skipped: 0 },
    { holdOut: 0.2 },
  );
  assert.equal(heldOut!.texts, 20);
});

Deno.test("a folder of classifiers is a scorer with a version of its content", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = join(parent, "judge");
    const trained = trainTextClassifiers(labelledTexts(200));
    await writeClassifierFolder(folder, trained);
    await using scorer = await openScorer(folder);
    assert.deepEqual([scorer.name, scorer.labels, scorer.reads], [
      "judge",
      ["good", "calm"],
      "whole",
    ]);
    const texts = ["good film", "calm", ""];
    const wanted = texts.flatMap((text) =>
      trained.map(({ classifier }) => classifier.probability(text))
    );
    assert.deepEqual([...await scorer.score(texts)], wanted);
    const { version } = await readClassifierFolder(folder);
    assert.equal(version, scorer.version);
    await writeClassifierFolder(folder, trainTextClassifiers(labelledTexts(200), { l2: 1 }));
    assert.notEqual((await readClassifierFolder(folder)).version, version);
  });
});

Deno.test("a folder that is not one of classifiers is refused in one sentence", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "classifier.json");
    const format = { format: "armature-text-classifiers", version: 1 };
    const cases: [unknown, RegExp][] = [
      [{}, /its 'format' is not 'armature-text-classifiers': train them anew/],
      [{ ...format, version: 2 }, /its 'version' is 2 and not 1/],
      [{ ...format, classifiers: [] }, /it names no classifier/],
      [{ ...format, classifiers: [{}] }, /a classifier of it has no label/],
    ];
    for (const [content, message] of cases) {
      await Deno.writeTextFile(path, JSON.stringify(content));
      await assert.rejects(readClassifierFolder(folder), message);
    }
    await Deno.writeTextFile(path, JSON.stringify({ ...format, classifiers: [{ label: "a" }] }));
    await assert.rejects(readClassifierFolder(folder), /label-0.json': there is no such file/);
  });
});

Deno.test("texts of one class, and wrong options, are errors that name the label or the option", () => {
  const texts = labelledTexts(50);
  assert.throws(
    () => trainTextClassifiers({ ...texts, labels: texts.labels.map(() => 0) }),
    /RangeError: The label 'good': Cannot train a text classifier as every label is 0/,
  );
  assert.throws(
    () => trainTextClassifiers(texts, { holdOut: 1 }),
    /RangeError: .*'holdOut' must be/,
  );
});
