import assert from "node:assert/strict";
import { join } from "node:path";
import { TextClassifier, trainTextClassifier } from "../../lib/eval/text_classifier.ts";
import { Random } from "../../lib/random.ts";
import { sharedData } from "../shared_data.ts";

const texts = [
  "a good film",
  "a great film , really good",
  "good fun",
  "a bad film",
  "a terrible film , really bad",
  "bad acting",
  "not a good film",
  "not a bad film",
];
const labels = [1, 1, 1, 0, 0, 0, 0, 1];

function readSst2(file: string): { texts: string[]; labels: number[] } {
  const rows = Deno.readTextFileSync(`${sharedData}/sst2/${file}`).trimEnd().split("\n").slice(1)
    .map((line) => line.split("\t"));
  return { texts: rows.map(([text]) => text), labels: rows.map(([, label]) => Number(label)) };
}

Deno.test({
  name: "a judge trained on SST-2 dev.tsv is right on 84 % of 5,000 rows of train.tsv" +
    (sharedData ? "" : " (skipped: no ../shared/data)"),
  ignore: !sharedData,
  fn() {
    const dev = readSst2("dev.tsv");
    const train = readSst2("train.tsv");
    const judge = trainTextClassifier(dev.texts, dev.labels);
    const rows = new Random(7).shuffle([...train.labels.keys()]).slice(0, 5000);
    const right = rows.filter((i) =>
      (judge.probability(train.texts[i]) > 0.5) === (train.labels[i] === 1)
    );
    assert.ok(right.length >= 0.84 * rows.length, `${right.length} of ${rows.length}`);
  },
});

Deno.test("words, their negation and unseen inflections are told apart", () => {
  const judge = trainTextClassifier(texts, labels);
  assert.ok(judge.probability("A GOOD film!") > 0.5);
  assert.ok(judge.probability("bad film") < 0.5);
  assert.ok(judge.probability("this isn't good") < judge.probability("this is good"));
  assert.ok(judge.probability("not bad") > judge.probability("bad"));
  assert.ok(judge.probability("terribly") < judge.probability("film"));
});

Deno.test("a text without any known word gets the same probability as an empty one", () => {
  const judge = trainTextClassifier(texts, labels);
  assert.equal(judge.probability("xyzzy"), judge.probability(""));
});

Deno.test("a soft label is worth as much as that share of copies with hard ones", () => {
  const hard = trainTextClassifier(
    ["good", "good", "good", "good", "bad", "bad", "bad", "bad"],
    [1, 1, 1, 0, 0, 0, 0, 1],
  );
  const soft = trainTextClassifier(
    ["good", "good", "good", "good", "bad", "bad", "bad", "bad"],
    [0.75, 0.75, 0.75, 0.75, 0.25, 0.25, 0.25, 0.25],
  );
  for (const text of ["good", "bad", ""]) {
    assert.ok(Math.abs(hard.probability(text) - soft.probability(text)) < 1e-4);
  }
});

Deno.test("a stronger penalty pulls probabilities towards the middle", () => {
  const weak = trainTextClassifier(texts, labels, { l2: 0.01 });
  const strong = trainTextClassifier(texts, labels, { l2: 10 });
  assert.ok(weak.probability("good") > strong.probability("good"));
  assert.ok(strong.probability("good") > 0.5);
});

Deno.test("a saved classifier comes back with the very same probabilities", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "judge.json");
    const judge = trainTextClassifier([...texts, 'a "quoted"\t__proto__ 🎬'], [...labels, 0.3]);
    await judge.save(path);
    const loaded = await TextClassifier.load(path);
    for (const text of [...texts, "__proto__", "🎬", "constructor toString", ""]) {
      assert.equal(loaded.probability(text), judge.probability(text));
    }
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["judge.json"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("training on equal data gives equal weights", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const files = await Promise.all([1, 2].map(async (run) => {
      const path = join(folder, `${run}.json`);
      await trainTextClassifier(texts, labels).save(path);
      return Deno.readTextFileSync(path);
    }));
    assert.equal(files[0], files[1]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file that is not a saved classifier is refused in one sentence", async (t) => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "judge.json");
  await trainTextClassifier(texts, labels).save(path);
  const good = JSON.parse(await Deno.readTextFile(path));
  const cases: [string, string, RegExp][] = [
    ["no JSON", "<html>", /as it is not JSON/],
    ["a cut file", JSON.stringify(good).slice(0, 100), /as it is not JSON/],
    ["null", "null", /as it is not a JSON object/],
    ["another file", "{}", /as its 'format' is not 'armature-text-classifier'/],
    ["a later version", JSON.stringify({ ...good, version: 2 }), /'version' is 2 and not 1/],
    ["a wrong order", JSON.stringify({ ...good, order: 0 }), /'order' is not a positive integer/],
    ["no bias", JSON.stringify({ ...good, bias: null }), /'bias' is not a number/],
    ["wrong features", JSON.stringify({ ...good, features: [1] }), /not a list of strings/],
    ["wrong weights", JSON.stringify({ ...good, weights: ["1"] }), /'weights' is not a list/],
    ["few ratios", JSON.stringify({ ...good, ratios: [1] }), /features but 1 ratios/],
  ];
  for (const [name, content, message] of cases) {
    await t.step(name, async () => {
      await Deno.writeTextFile(path, content);
      await assert.rejects(TextClassifier.load(path), (error) => {
        assert.ok(error instanceof SyntaxError);
        assert.match(error.message, message);
        return error.message.includes(path);
      });
    });
  }
  await t.step("no file", async () => {
    await Deno.remove(folder, { recursive: true });
    await assert.rejects(TextClassifier.load(path), /there is no such file/);
  });
});

Deno.test("wrong training data and options are errors that say what is wrong", () => {
  assert.throws(
    () => trainTextClassifier([], []),
    /RangeError: .* there is no text: pass at least two/,
  );
  assert.throws(() => trainTextClassifier(["a", "b"], [1]), /RangeError: .*2 texts but 1 labels/);
  assert.throws(() => trainTextClassifier(["a", "b"], [1, 2]), /RangeError: .*label 2 .*it is 2/);
  assert.throws(() => trainTextClassifier(["a", "b"], [1, NaN]), /RangeError: .*label 2 .*NaN/);
  assert.throws(() => trainTextClassifier(["a", "b"], [0, 0]), /RangeError: .*every label is 0/);
  assert.throws(() => trainTextClassifier(["a", "b"], [1, 1]), /RangeError: .*every label is 1/);
  for (const options of [{ order: 0 }, { order: 1.5 }, { l2: 0 }, { smoothing: -1 }]) {
    const [name, value] = Object.entries(options)[0];
    assert.throws(
      () => trainTextClassifier(texts, labels, options),
      new RegExp(`RangeError: trainTextClassifier: '${name}' must be a .*, not ${value}\\.`),
    );
  }
});
