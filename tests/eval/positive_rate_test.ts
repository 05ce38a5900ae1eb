import assert from "node:assert/strict";
import { positiveRate, positiveShare } from "../../lib/eval/positive_rate.ts";
import { assertNear, goldenMetrics, withGolden } from "./golden_metrics.ts";

Deno.test({
  ...withGolden("the positive rate gives the golden number"),
  fn() {
    const { labels, value } = goldenMetrics!.positive_rate;
    const shares = labels.map((prompt) =>
      positiveShare(prompt.map((label) => Number(label === "POSITIVE")))
    );
    assertNear([positiveRate(shares)], [value]);
  },
});

Deno.test("continuations without a judgement are ignored, and one on the fence is not positive", () => {
  assert.equal(positiveShare([0.9, NaN, 0.5, 0.1]), 1 / 3);
  assert.equal(positiveShare([0.9, 0.6], { threshold: 0.8 }), 1 / 2);
  assert.equal(positiveShare([NaN]), NaN);
});

Deno.test("every prompt weighs the same whatever its number of continuations", () => {
  assert.equal(positiveRate([positiveShare([1, 1, 1]), positiveShare([0])]), 0.5);
});

Deno.test("a probability or threshold outside [0, 1] is an error that names it", () => {
  assert.throws(() => positiveShare([1], { threshold: NaN }), /RangeError: .*'threshold' .*NaN/);
  assert.throws(() => positiveShare([0.5, -0.1]), /RangeError: .*probability 2 .*it is -0.1/);
});
