import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "../lib/random.ts";

const draws = 100_000;

/** Mean, variance and third standardized moment of many draws. */
function moments(draw: () => number): { mean: number; variance: number; skewness: number } {
  const values = Float64Array.from({ length: draws }, draw);
  const mean = values.reduce((sum, x) => sum + x, 0) / draws;
  const central = (power: number) =>
    values.reduce((sum, x) => sum + (x - mean) ** power, 0) / draws;
  return { mean, variance: central(2), skewness: central(3) / central(2) ** 1.5 };
}

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} is not near ${expected}`);

/** Pearson's χ² of counts against probabilities. */
function chiSquare(counts: number[], probabilities: number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, i) => {
    const expected = total * probabilities[i];
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

const first = (random: Random) => Array.from({ length: 20 }, () => random.uniform());

Deno.test("equal paths give equal streams", () => {
  const part = fc.oneof(fc.integer(), fc.string());
  fc.assert(fc.property(fc.array(part, { maxLength: 4 }), (path) => {
    assert.deepEqual(first(new Random(...path)), first(new Random(...path)));
  }));
});

Deno.test("different paths give different streams, numbers and words told apart", () => {
  const paths = [[], [0], ["0"], [0, 0], [0, ""], [1], [-1], ["a", "b"], ["ab"], ["a,b"], [1, 23], [
    12,
    3,
  ]];
  const streams = new Set(paths.map((path) => String(first(new Random(...path)))));
  assert.equal(streams.size, paths.length);
});

Deno.test("streams of neighbouring paths are unrelated", () => {
  const streams = 2000;
  const starts = Array.from({ length: streams }, (_, i) => new Random(7, "noise", i).uniform());
  near(starts.reduce((sum, x) => sum + x, 0) / streams, 0.5, 5 * Math.sqrt(1 / 12 / streams));
  const products = starts.slice(1).map((x, i) => (x - 0.5) * (starts[i] - 0.5));
  const correlation = 12 * products.reduce((sum, x) => sum + x, 0) / products.length;
  near(correlation, 0, 5 / Math.sqrt(streams));
  assert.equal(new Set(starts).size, streams);
});

Deno.test("a stream is not disturbed by draws from others", () => {
  const alone = first(new Random(1, "a"));
  const a = new Random(1, "a");
  const b = new Random(1, "b");
  const interleaved = Array.from({ length: 20 }, () => {
    b.normal();
    return a.uniform();
  });
  assert.deepEqual(interleaved, alone);
});

Deno.test("uniform draws lie in [0, 1) and have its moments", () => {
  const random = new Random(1, "uniform");
  const { mean, variance, skewness } = moments(() => {
    const x = random.uniform();
    assert.ok(x >= 0 && x < 1);
    return x;
  });
  near(mean, 1 / 2, 0.005);
  near(variance, 1 / 12, 0.002);
  near(skewness, 0, 0.03);
});

Deno.test("normal draws have mean 0, variance 1 and no skew", () => {
  const random = new Random(1, "normal");
  const { mean, variance, skewness } = moments(() => random.normal());
  near(mean, 0, 0.015);
  near(variance, 1, 0.025);
  near(skewness, 0, 0.04);
});

Deno.test("Gumbel draws have mean γ, variance π²/6 and the skew of that distribution", () => {
  const random = new Random(1, "gumbel");
  const { mean, variance, skewness } = moments(() => random.gumbel());
  near(mean, 0.5772156649, 0.02);
  near(variance, Math.PI ** 2 / 6, 0.05);
  near(skewness, 1.1395470994, 0.1);
});

Deno.test("integers are uniform below their bound", () => {
  const random = new Random(1, "integer");
  const counts = Array(7).fill(0);
  for (let i = 0; i < draws; i++) counts[random.integer(7)]++;
  // χ² with 6 degrees of freedom exceeds 27.9 with probability 10⁻⁴
  assert.ok(chiSquare(counts, Array(7).fill(1 / 7)) < 27.9, `${counts}`);
});

const logits = [0, 1, -2, 0.5, 3, -1];
const exponentials = logits.map(Math.exp);
const softmax = exponentials.map((x) => x / exponentials.reduce((sum, x) => sum + x, 0));

Deno.test("the arg-max of logits and Gumbel noise samples the softmax", () => {
  const random = new Random(1, "arg-max");
  const counts = logits.map(() => 0);
  for (let i = 0; i < draws; i++) {
    const noisy = logits.map((z) => z + random.gumbel());
    counts[noisy.indexOf(Math.max(...noisy))]++;
  }
  // χ² with 5 degrees of freedom exceeds 25.7 with probability 10⁻⁴
  assert.ok(chiSquare(counts, softmax) < 25.7, `${counts}`);
});

Deno.test("weighted draws follow their weights, and weights of 0 are never drawn", () => {
  const random = new Random(1, "weighted");
  const counts = [0, ...logits.map(() => 0)];
  for (let i = 0; i < draws; i++) counts[random.weighted([0, ...exponentials])]++;
  assert.equal(counts.shift(), 0);
  assert.ok(chiSquare(counts, softmax) < 25.7, `${counts}`);
});

Deno.test("every order of a shuffle is equally likely", () => {
  const random = new Random(1, "shuffle");
  const counts = new Map<string, number>();
  for (let i = 0; i < draws; i++) {
    const order = random.shuffle([0, 1, 2, 3]).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  // χ² with 23 degrees of freedom exceeds 54.7 with probability 2 · 10⁻⁴
  assert.ok(chiSquare([...counts.values()], Array(24).fill(1 / 24)) < 54.7);
});

Deno.test("a shuffle keeps the items and works in place", () => {
  fc.assert(fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
    const before = [...items].sort();
    const shuffled = new Random(seed).shuffle(items);
    assert.equal(shuffled, items);
    assert.deepEqual([...shuffled].sort(), before);
  }));
});
