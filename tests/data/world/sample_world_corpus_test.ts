import assert from "node:assert/strict";
import { sampleWorldCorpus } from "../../../lib/data/world/sample_world_corpus.ts";
import { createWorld } from "../../../lib/data/world/world.ts";

const world = createWorld();

Deno.test("a corpus is labelled with the exact posteriors of its texts", () => {
  const corpus = sampleWorldCorpus({ seed: 1, texts: 20, world });
  corpus.texts.forEach((text, i) => {
    const { positive, rude } = world.score(text);
    assert.equal(corpus.positive[i], Math.fround(positive));
    assert.equal(corpus.rude[i], Math.fround(rude));
  });
});

Deno.test("a longer corpus begins with the shorter one of the same seed", () => {
  const texts = (seed: number, count: number) =>
    sampleWorldCorpus({ seed, texts: count, world }).texts;
  assert.deepEqual(texts(1, 20).slice(0, 10), texts(1, 10));
  assert.notDeepEqual(texts(1, 10), texts(2, 10));
});

Deno.test("a corpus needs a positive number of texts", () => {
  for (const texts of [0, -1, 1.5, NaN]) {
    assert.throws(() => sampleWorldCorpus({ seed: 1, texts, world }), RangeError);
  }
});
