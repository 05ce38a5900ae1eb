import assert from "node:assert/strict";
import { continuationPerplexity, meanPerplexity } from "../../lib/eval/perplexity.ts";
import { assertNear, goldenMetrics, withGolden } from "./golden_metrics.ts";

Deno.test({
  ...withGolden("the mean perplexity keeps and averages what the golden numbers do"),
  fn() {
    const golden = goldenMetrics!.perplexity;
    const all = golden.perplexities.flat();
    const { mean, kept, leftOut } = meanPerplexity(all, { limit: golden.limit });
    assert.equal(kept, golden.kept_count);
    assert.equal(leftOut, all.length - golden.kept_count);
    assertNear([mean], [golden.mean], 1e-6);
    assert.deepEqual(all.filter((value) => meanPerplexity([value]).kept === 1), golden.kept);
  },
});

Deno.test("a continuation's perplexity is the inverse geometric mean of its probabilities", () => {
  // A prompt of loss 3, then tokens of probability 1/2 and 1/8.
  const whole = 3 + Math.log(2) + Math.log(8);
  assertNear([continuationPerplexity({ prompt: 3, whole, tokens: 2 })], [4]);
});

Deno.test("an empty continuation and a prompt without loss have no perplexity", () => {
  assert.equal(continuationPerplexity({ prompt: 3, whole: 3, tokens: 0 }), NaN);
  assert.equal(continuationPerplexity({ prompt: NaN, whole: 3, tokens: 2 }), NaN);
});

Deno.test("the limit itself is left out of the mean, and an empty mean is NaN", () => {
  assert.deepEqual(meanPerplexity([1e5, 10, Infinity, NaN]), { mean: 10, kept: 1, leftOut: 3 });
  assert.deepEqual(meanPerplexity([]), { mean: NaN, kept: 0, leftOut: 0 });
});

Deno.test("wrong counts and limits are errors", () => {
  assert.throws(
    () => continuationPerplexity({ prompt: 1, whole: 2, tokens: 1.5 }),
    /RangeError: .*'tokens' must be a non-negative integer: it is 1.5/,
  );
  assert.throws(
    () => meanPerplexity([1], { limit: 0 }),
    /RangeError: .*'limit' must be a number above 0/,
  );
});
