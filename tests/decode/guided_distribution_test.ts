import assert from "node:assert/strict";
import fc from "fast-check";
import { draw, gumbelNoise } from "../../lib/decode/draw.ts";
import { guidedDistribution } from "../../lib/decode/guided_distribution.ts";
import { input, scalar } from "../../lib/graph/tensor.ts";
import { Random } from "../../lib/random.ts";
import { floats } from "../../lib/runtime/value.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";

const softmax = (z: readonly number[]) => {
  const most = Math.max(...z);
  const powers = z.map((x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((x) => x / sum);
};

Deno.test("the guided distribution is softmax(z + Σ β clamp(r)), and 1 − r away from a label", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        k: fc.integer({ min: 1, max: 6 }),
        labels: fc.integer({ min: 1, max: 3 }),
        inverse: fc.boolean(),
        seed: fc.nat(),
      }),
      async ({ k, labels, inverse, seed }) => {
        const random = new Random(seed);
        const normal = (count: number) =>
          Float32Array.from({ length: count }, () => random.normal());
        const [z, r] = [normal(k), normal(labels * k)];
        const beta = Array.from({ length: labels }, () => Math.fround(5 * random.uniform()));
        const p = guidedDistribution(
          input("z", "float32", ["rows", k]),
          input("r", "float32", ["rows", labels, k]),
          { beta, inverse },
        );
        const got = await runGraph({ p }, { z: floats([1, k], z), r: floats([1, labels, k], r) });
        const wanted = softmax(Array.from(z, (logit, i) =>
          beta.reduce((sum, strength, o) => {
            const clamped = Math.min(1, Math.max(0, r[o * k + i]));
            return sum + strength * (inverse ? 1 - clamped : clamped);
          }, logit)));
        assert.ok(largestDifference(floatsOf(got.p), wanted) < 1e-5);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("as many strengths as labels, and known options only", () => {
  const z = input("z", "float32", ["rows", 2]);
  const r = input("r", "float32", ["rows", 2, 2]);
  assert.throws(() => guidedDistribution(z, r, { beta: [1, 2, 3] }), {
    name: "RangeError",
    message: "guidedDistribution: there are 3 strengths in 'beta' for 2 labels; give one for each.",
  });
  assert.throws(() => guidedDistribution(z, r, { strength: 1 } as never), TypeError);
});

Deno.test("a place drawn with Gumbel noise is one of the nucleus, and the likeliest without noise", async () => {
  const guided = input("guided", "float32", ["rows", 3]);
  const noise = input("noise", "float32", ["rows", 3]);
  const places = draw(guided, noise, 0.5, scalar("float32", 0.6));
  const logits = floats([4, 3], Float32Array.from([2, 0, 1, 0, 9, 0, 1, 1.1, 1.2, 3, 3, -9]));
  for (let seed = 0; seed < 20; seed++) {
    const given = { guided: logits, noise: gumbelNoise(4, 3, new Random(seed)) };
    const drawn = Array.from(
      (await runGraph({ places }, given)).places.data as BigInt64Array,
      Number,
    );
    assert.deepEqual([drawn[0], drawn[1]], [0, 1]);
    assert.ok(drawn[3] < 2);
  }
  const none = { guided: logits, noise: floats([4, 3], new Float32Array(12)) };
  const likeliest = (await runGraph({ places }, none)).places.data as BigInt64Array;
  assert.deepEqual([...likeliest].map(Number), [0, 1, 2, 0]);
});
