import assert from "node:assert/strict";
import { bootstrapInterval } from "../../lib/eval/bootstrap.ts";
import {
  distinctnessIntervals,
  perplexityInterval,
  positiveRateInterval,
  toxicityIntervals,
} from "../../lib/eval/metric_intervals.ts";
import { meanPerplexity } from "../../lib/eval/perplexity.ts";

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

Deno.test("distinctness is averaged over prompts", () => {
  const [dist1, dist2, dist3] = distinctnessIntervals([["a a"], ["a b", "a b"]], options);
  assert.deepEqual([dist1.estimate, dist2.estimate, dist3.estimate], [0.5, (0.5 + 0.25) / 2, 0]);
  holds(dist1);
});

Deno.test("perplexity is a mean over continuations, resampled by prompt", () => {
  const perPrompt = [[12, 14], [30, 28, 2e5], [9, NaN], [20]];
  const slow = bootstrapInterval(
    perPrompt,
    (sample) => meanPerplexity(sample.flat()).mean,
    options,
  );
  const fast = perplexityInterval(perPrompt, options);
  for (const key of ["estimate", "low", "high"] as const) {
    assert.ok(Math.abs(fast[key] - slow[key]) < 1e-9);
  }
  assert.equal(perplexityInterval([[10, 20], [30]], { ...options, limit: 25 }).estimate, 15);
});
