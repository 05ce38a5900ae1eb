import assert from "node:assert/strict";
import { estimateAdvantages, whitened } from "../../lib/tuning/advantages.ts";
import { quantilesOf } from "../../lib/tuning/quark.ts";
import { largestDifference } from "../run_graph.ts";
import cases from "./cases.json" with { type: "json" };

Deno.test("advantages are the discounted sum of what was not expected", () => {
  const { rewards, values, discount, lambda, ...expected } = cases.advantages;
  const { advantages, returns } = estimateAdvantages(rewards, values, { discount, lambda });
  assert.ok(largestDifference(advantages, expected.advantages) < 1e-6);
  assert.ok(largestDifference(returns, expected.returns) < 1e-6);
});

Deno.test("whitened numbers have the mean 0 and the variance 1 over all lists", () => {
  const lists = whitened([Float32Array.of(1, 5), Float32Array.of(-2, 8, 3)]);
  const all = lists.flatMap((list) => [...list]);
  assert.ok(Math.abs(all.reduce((sum, x) => sum + x, 0)) < 1e-5);
  assert.ok(Math.abs(all.reduce((sum, x) => sum + x * x, 0) / all.length - 1) < 1e-5);
  assert.ok(all[4] > all[0] && all[4] < all[1]);
});

Deno.test("quantiles have as many texts each, and equals stay in their order", () => {
  assert.deepEqual(quantilesOf([0.5, 0.1, 0.9, 0.5, 0.2, 0.8], 3), [1, 0, 2, 1, 0, 2]);
  assert.deepEqual(quantilesOf([1, 1, 1, 1], 2), [0, 0, 1, 1]);
});
