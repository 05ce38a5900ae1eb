import assert from "node:assert/strict";
import { sampleWorldCorpus } from "../../lib/data/world/sample_world_corpus.ts";
import { type Seed, seedAfter } from "../../lib/options/seed_option.ts";

const textsOf = (seed: Seed) => sampleWorldCorpus({ seed, texts: 3 }).texts;

Deno.test("a seed of 64 bits, as PyTorch draws, has draws of its own", () => {
  const [largest, other] = ["18446744073709551615", "18446744073709551614"];
  assert.deepEqual(textsOf(largest), textsOf(largest));
  assert.notDeepEqual(textsOf(largest), textsOf(other));
});

Deno.test("what is no whole number from 0 up, or not held exactly, is no seed", () => {
  for (const seed of [-1, 0.5, NaN, 2 ** 53]) {
    assert.throws(() => textsOf(seed), {
      name: "RangeError",
      message:
        `sampleWorldCorpus: 'seed' must be a whole number from 0 to 9007199254740991, not ${seed}.`,
    });
  }
  for (const seed of ["7", "", "-18446744073709551615", "1e20", "018446744073709551615"]) {
    assert.throws(() => textsOf(seed), {
      name: "TypeError",
      message:
        "sampleWorldCorpus: 'seed' must be a whole number from 0 to 9007199254740991, or a larger one as text, " +
        `not the text "${seed}".`,
    });
  }
});

Deno.test("seeds are counted on from where JavaScript no longer holds them exactly", () => {
  assert.equal(seedAfter(3, 2), 5);
  assert.equal(seedAfter(Number.MAX_SAFE_INTEGER, 1), "9007199254740992");
  assert.equal(seedAfter("18446744073709551615", 1), "18446744073709551616");
});
