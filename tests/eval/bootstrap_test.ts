import assert from "node:assert/strict";
import fc from "fast-check";
import { bootstrapInterval } from "../../lib/eval/bootstrap.ts";
import { meanPerplexity } from "../../lib/eval/perplexity.ts";
import { Random } from "../../lib/random.ts";

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

Deno.test("the interval of a mean agrees with the normal approximation", () => {
  const random = new Random(1);
  const values = Array.from({ length: 400 }, () => random.normal());
  const { estimate, low, high } = bootstrapInterval(values, mean, { seed: 2, resamples: 4000 });
  assert.equal(estimate, mean(values));
  const deviation = Math.sqrt(mean(values.map((v) => (v - estimate) ** 2)) / values.length);
  assert.ok(Math.abs(low - (estimate - 1.96 * deviation)) < 0.1 * deviation);
  assert.ok(Math.abs(high - (estimate + 1.96 * deviation)) < 0.1 * deviation);
});

Deno.test("intervals of 90 % hold the true mean in about 90 % of samples", () => {
  let held = 0;
  for (let run = 0; run < 200; run++) {
    const random = new Random(3, run);
    const values = Array.from({ length: 50 }, () => random.uniform());
    const { low, high } = bootstrapInterval(values, mean, {
      seed: run,
      resamples: 300,
      level: 0.9,
    });
    if (low <= 0.5 && 0.5 <= high) held++;
  }
  assert.ok(held >= 165 && held <= 195, `held ${held} of 200`);
});

Deno.test("all continuations of a prompt are drawn together", () => {
  // Two prompts only: a resample is one, the other or both, so three values are possible.
  const seen = new Set<number>();
  bootstrapInterval([[10, 10, 10], [40]], (prompts) => {
    const value = meanPerplexity(prompts.flat()).mean;
    seen.add(value);
    return value;
  }, { seed: 1, resamples: 100 });
  assert.deepEqual([...seen].sort(), [10, 17.5, 40]);
});

Deno.test("equal seeds give equal intervals, and an interval is ordered within the data", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 20 }),
      fc.integer({ min: 0, max: 1000 }),
      (values, seed) => {
        const options = { seed, resamples: 50 };
        const interval = bootstrapInterval(values, mean, options);
        assert.deepEqual(interval, bootstrapInterval(values, mean, options));
        assert.ok(interval.low <= interval.high);
        assert.ok(interval.low >= Math.min(...values) - 1e-6);
        assert.ok(interval.high <= Math.max(...values) + 1e-6);
      },
    ),
  );
});

Deno.test("one prompt has an estimate but no interval", () => {
  assert.deepEqual(bootstrapInterval([3], mean, { seed: 1 }), { estimate: 3, low: NaN, high: NaN });
});

Deno.test("resamples without a value are left out", () => {
  const known = (values: readonly number[]) => mean(values.filter((v) => !Number.isNaN(v)));
  const { low, high } = bootstrapInterval([NaN, 1], known, { seed: 1, resamples: 100 });
  assert.deepEqual([low, high], [1, 1]);
  const none = bootstrapInterval([NaN, NaN], mean, { seed: 1, resamples: 10 });
  assert.deepEqual(none, { estimate: NaN, low: NaN, high: NaN });
});

Deno.test("no prompts and options out of range are errors", () => {
  assert.throws(() => bootstrapInterval([], mean, { seed: 1 }), /RangeError: .*no prompt/);
  assert.throws(
    () => bootstrapInterval([1], mean, { sed: 1 } as unknown as { seed: number }),
    /TypeError: bootstrapInterval has no option 'sed': did you mean 'seed'\?/,
  );
  assert.throws(
    () => bootstrapInterval([1], undefined as unknown as typeof mean),
    /TypeError: bootstrapInterval needs 'statistic': give a function/,
  );
  assert.throws(() => bootstrapInterval([1], mean, { seed: 0.5 }), /RangeError: .*'seed'/);
  assert.throws(
    () => bootstrapInterval([1], mean, { seed: 1, resamples: 0 }),
    /RangeError: bootstrapInterval: 'resamples' must be a whole number from 1 up, not 0\./,
  );
  assert.throws(
    () => bootstrapInterval([1], mean, { seed: 1, level: 1 }),
    /RangeError: .*'level' must be a number above 0 and below 1, not 1\./,
  );
});
