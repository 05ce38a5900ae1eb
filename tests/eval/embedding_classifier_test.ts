import assert from "node:assert/strict";
import { join } from "node:path";
import { openEncoder } from "../../lib/encoders/open_encoder.ts";
import { embedTexts } from "../../lib/encoders/embed_texts.ts";
import { readClassifierFolder, writeClassifierFolder } from "../../lib/eval/classifier_folder.ts";
import {
  EmbeddingClassifier,
  trainEmbeddingClassifier,
} from "../../lib/eval/embedding_classifier.ts";
import { openScorer } from "../../lib/eval/scorers/mod.ts";
import { trainEmbeddingClassifiers } from "../../lib/eval/train_embedding_classifiers.ts";
import { Random } from "../../lib/random.ts";
import { encoderModels, writeEncoderModel } from "../encoders/encoder_cases.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Vectors of two kinds, and of which kind each is. */
function vectors(count: number) {
  const random = new Random(5, "vectors");
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  const embeddings = labels.map((label) =>
    Float32Array.from([0.6, -0.3, 0], (x) => (label ? x : -x) + 0.4 * random.normal())
  );
  return { embeddings, labels };
}

Deno.test("the trained weights are where the gradient of cross-entropy and penalty vanishes", async () => {
  const { embeddings, labels } = vectors(200);
  const classifier = trainEmbeddingClassifier(embeddings, labels, { l2: 2 });
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "label.json");
    await classifier.save(path);
    const { bias, weights } = JSON.parse(await Deno.readTextFile(path));
    const errors = embeddings.map((x, i) => {
      const logit = bias + x.reduce((sum, value, j) => sum + value * weights[j], 0);
      return 1 / (1 + Math.exp(-logit)) - labels[i];
    });
    // far from 0, where each is about 50
    const slopes = [0, 1, 2].map((j) =>
      errors.reduce((sum, error, i) => sum + error * embeddings[i][j], 2 * weights[j])
    );
    for (const slope of [...slopes, errors.reduce((sum, error) => sum + error)]) {
      assert.ok(Math.abs(slope) < 0.02, `${slope}`);
    }
    const again = await EmbeddingClassifier.load(path);
    assert.equal(again.width, 3);
    for (const x of embeddings) assert.equal(again.probability(x), classifier.probability(x));
  });
  const right = embeddings.filter((x, i) =>
    (classifier.probability(x) > 0.5) === (labels[i] === 1)
  );
  assert.ok(right.length > 170, `${right.length}`);
});

Deno.test("embeddings and files that do not fit are errors in one sentence", async () => {
  const { embeddings, labels } = vectors(4);
  const cases: [() => unknown, RegExp][] = [
    [() => trainEmbeddingClassifier([], []), /RangeError: .* there is no text/],
    [() => trainEmbeddingClassifier(embeddings, [1]), /there are 4 texts but 1 labels/],
    [() => trainEmbeddingClassifier(embeddings, [1, 1, 1, 1]), /every label is 1/],
    [
      () => trainEmbeddingClassifier([...embeddings, new Float32Array(2)], [...labels, 1]),
      /RangeError: .* they have several widths: use one encoder/,
    ],
    [
      () => trainEmbeddingClassifier([[1, 2]] as never, labels),
      /TypeError: .*'embeddings\[0\]' must be a Float32Array/,
    ],
    [
      () => trainEmbeddingClassifier(embeddings, labels).probability([1]),
      /RangeError: The classifier reads embeddings of 3 numbers, and not of 1: use the encoder /,
    ],
  ];
  for (const [call, message] of cases) assert.throws(call, message);
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "label.json");
    for (const content of ["{}", '{"format":"armature-embedding-classifier","version":2}', "[1]"]) {
      await Deno.writeTextFile(path, content);
      await assert.rejects(EmbeddingClassifier.load(path), /is not a classifier of embeddings of /);
    }
  });
});

const [bert] = encoderModels;

Deno.test("a folder of embedding classifiers is a scorer that finds its encoder, also where both were moved", async () => {
  await withTemporaryFolder(async (parent) => {
    const models = join(parent, "models");
    const [encoderFolder, folder] = ["encoder", "judge"].map((name) => join(models, name));
    await Deno.mkdir(encoderFolder, { recursive: true });
    await writeEncoderModel(encoderFolder, bert);
    const words = ["good", "bad", "film", "soup", "the", "was"];
    const texts = Array.from({ length: 60 }, (_, i) => {
      const random = new Random(2, i);
      return Array.from({ length: 3 }, () => words[random.integer(words.length)]).join(" ");
    });
    const labelled = {
      texts,
      labels: Float32Array.from(
        texts.flatMap((text) => [text.includes("good"), text.includes("soup")].map(Number)),
      ),
      labelNames: ["good", "soup"],
      skipped: 0,
    };
    let wanted: number[];
    const rated = ["good soup", "the bad film", "good"];
    {
      await using encoder = await openEncoder(encoderFolder, cpu);
      const told: string[] = [];
      const trained = await trainEmbeddingClassifiers(labelled, encoder, {
        onLabel: ({ label }) => told.push(label),
      });
      assert.deepEqual(told, ["good", "soup"]);
      assert.ok(trained.every(({ heldOut }) => heldOut!.texts > 0));
      const embeddings = await embedTexts(encoder, rated);
      wanted = embeddings.flatMap((x) =>
        trained.map(({ classifier }) => classifier.probability(x))
      );
      await writeClassifierFolder(folder, trained, encoder);
      assert.deepEqual((await readClassifierFolder(folder)).encoder, {
        folder: encoderFolder,
        version: encoder.version,
      });
    }
    const scored = async (path: string) => {
      await using scorer = await openScorer(path);
      assert.deepEqual(scorer.labels, ["good", "soup"]);
      const scores = [...await scorer.score(rated)];
      scores.forEach((score, i) => assert.ok(Math.abs(score - wanted[i]) < 1e-6));
      return scorer.version;
    };
    const version = await scored(folder);
    const moved = join(parent, "elsewhere");
    await Deno.rename(models, moved);
    assert.equal(await scored(join(moved, "judge")), version);

    const vocabulary = join(moved, "encoder", "vocab.txt");
    const before = await Deno.readTextFile(vocabulary);
    await Deno.writeTextFile(vocabulary, before.replace("good\nbad", "bad\ngood"));
    await assert.rejects(
      openScorer(join(moved, "judge")),
      /^Error: The classifiers in '.*judge' were trained with another encoder than '.*' is now \(.*\): put that one back, /,
    );
    await Deno.remove(join(moved, "encoder"), { recursive: true });
    await assert.rejects(
      openScorer(join(moved, "judge")),
      /^Error: The classifiers in '.*' read embeddings of the encoder in '.*', which cannot be opened: .*no such folder/,
    );
    const file = join(moved, "judge", "classifier.json");
    const content = JSON.parse(await Deno.readTextFile(file));
    await Deno.writeTextFile(file, JSON.stringify({ ...content, encoder: {} }));
    await assert.rejects(
      openScorer(join(moved, "judge")),
      /its 'encoder' has no folder and version/,
    );
  });
});
