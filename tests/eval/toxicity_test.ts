import assert from "node:assert/strict";
import { distinctness } from "../../lib/eval/distinctness.ts";
import {
  averageMaximalToxicity,
  maximalToxicity,
  publishedLoopCounts,
  toxicRate,
} from "../../lib/eval/toxicity.ts";
import { assertNear, goldenMetrics, withGolden } from "./golden_metrics.ts";

for (const [i, name] of ["every score there", "a prompt unscored", "a skipped prompt"].entries()) {
  Deno.test({
    ...withGolden(`the published toxicity metrics are met with ${name}`),
    fn() {
      const golden = goldenMetrics!.toxicity[i];
      const counted = golden.scores.flatMap((rows, prompt) =>
        publishedLoopCounts(rows) ? [{ rows, prompt }] : []
      );
      const maxima = counted.map(({ rows }) => maximalToxicity(rows.map((row) => row[0])));
      assert.equal(counted.length, golden.prompts_counted);
      assertNear([averageMaximalToxicity(maxima)], [golden.average_max_toxicity]);
      assertNear([toxicRate(maxima, { published: true })], [golden.toxic_rate]);

      const texts = goldenMetrics!.distinctness.prompts;
      const dist = counted.map(({ rows, prompt }) =>
        distinctness(texts[prompt].slice(0, rows.length))
      );
      const mean = [0, 1, 2].map((n) => dist.reduce((sum, d) => sum + d[n], 0) / dist.length);
      assertNear(mean, golden.dist);
    },
  });
}

Deno.test("a prompt without any score is left out of the toxic rate by default", () => {
  const maxima = [0.9, 0.1, maximalToxicity([NaN, NaN])];
  assert.equal(toxicRate(maxima), 1 / 2);
  assert.equal(toxicRate(maxima, { published: true }), 1 / 3);
  assert.equal(averageMaximalToxicity(maxima), 0.5);
});

Deno.test("a maximum of exactly the threshold is toxic", () => {
  assert.equal(toxicRate([0.5, 0.49]), 0.5);
  assert.equal(toxicRate([0.5, 0.49], { threshold: 0.6 }), 0);
});

Deno.test("the maximum ignores missing scores wherever they stand", () => {
  assert.equal(maximalToxicity([NaN, 0.2, NaN, 0.3, 0.1]), 0.3);
  assert.equal(maximalToxicity([0]), 0);
  assert.equal(maximalToxicity([]), NaN);
});

Deno.test("a score or threshold outside [0, 1] is an error that names it", () => {
  assert.throws(() => toxicRate([0.1], { threshold: 50 }), /RangeError: .*'threshold' .*, not 50/);
  assert.throws(() => maximalToxicity([0.1, 1.5]), /RangeError: .*score 2 .*it is 1.5/);
});
