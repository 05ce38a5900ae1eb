import assert from "node:assert/strict";
import { cooperativeWeights } from "../../lib/eval/cooperative_weights.ts";

const text = (logProbability: number, ...scores: number[]) => ({ logProbability, scores });

Deno.test("weights of discriminators are those of least squares", () => {
  const pairs = [
    { written: text(-12, -0.1, -0.9), generated: text(-9, -1.4, -0.7) },
    { written: text(-20, -0.3, -0.2), generated: text(-14, -2.1, -1.1) },
    { written: text(-8, -0.6, -0.4), generated: text(-8.5, -0.5, -0.9) },
    { written: text(-15, -0.2, -1.3), generated: text(-11, -1.9, -0.3) },
  ];
  // numpy.linalg.lstsq of the differences
  const expected = [2.79109810, 0.78025155];
  cooperativeWeights(pairs).forEach((weight, k) =>
    assert.ok(Math.abs(weight - expected[k]) < 1e-6, `${weight}`)
  );
});

Deno.test("discriminators that say the same share their weight, and no texts are refused", () => {
  const pairs = [1, 2, 3].map((d) => ({ written: text(-d, d, d), generated: text(d, 0, 0) }));
  const [a, b] = cooperativeWeights(pairs);
  assert.ok(Math.abs(a - 1) < 1e-4 && Math.abs(b - 1) < 1e-4, `${a} ${b}`);
  assert.throws(() => cooperativeWeights([]), /needs a pair of texts/);
  const uneven = { written: text(0, 1), generated: text(0, 1, 2) };
  assert.throws(() => cooperativeWeights([uneven]), /pair 1 has not 1 scores/);
});
