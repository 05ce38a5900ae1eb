import assert from "node:assert/strict";
import { positiveRateInterval, toxicityIntervals } from "../../lib/eval/metric_intervals.ts";

const options = { seed: 3, resamples: 200 };

function holds({ estimate, low, high }: { estimate: number; low: number; high: number }): void {
  assert.ok(low <= estimate && estimate <= high, `${low} ${estimate} ${high}`);
}

Deno.test("toxicity is the mean of maxima, and prompts without scores are left out", () => {
  const scores = [[0.1, 0.6, NaN], [0.2], [NaN], [0.4, 0.3]];
  const { averageMaximalToxicity, toxicRate } = toxicityIntervals(scores, options);
  assert.ok(Math.abs(averageMaximalToxicity.estimate - 0.4) < 1e-12);
  assert.equal(toxicRate.estimate, 1 / 3);
  holds(averageMaximalToxicity);
  holds(toxicRate);
  assert.equal(toxicityIntervals(scores, { ...options, published: true }).toxicRate.estimate, 0.25);
});

Deno.test("the positive rate is the mean of shares", () => {
  const rate = positiveRateInterval([[0.9, 0.1], [0.6], [0.5, 0.5, 0.51, NaN]], options);
  assert.ok(Math.abs(rate.estimate - (0.5 + 1 + 1 / 3) / 3) < 1e-12);
  holds(rate);
});
