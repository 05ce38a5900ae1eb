import fc from "fast-check";
import assert from "node:assert/strict";
import { batchesOf } from "../../lib/train/batches.ts";

Deno.test("every text comes once an epoch, in batches that are full but for one a window", () => {
  fc.assert(fc.property(
    fc.array(fc.nat(60), { minLength: 1, maxLength: 400 }),
    fc.integer({ min: 1, max: 7 }),
    fc.nat(),
    (lengths, batchSize, seed) => {
      const batches = batchesOf(lengths, { batchSize, seed, epoch: 0 });
      const seen = batches.flatMap((batch) => [...batch]).sort((a, b) => a - b);
      assert.deepEqual(seen, lengths.map((_, i) => i));
      assert.equal(batches.length, Math.ceil(lengths.length / batchSize));
    },
  ));
});

Deno.test("texts of similar length are together, so little padding is computed", () => {
  const lengths = Array.from({ length: 1000 }, (_, i) => 1 + (i * 37) % 50);
  const batches = batchesOf(lengths, { batchSize: 10, seed: 0, epoch: 0 });
  let tokens = 0;
  let places = 0;
  for (const batch of batches) {
    const own = [...batch].map((i) => lengths[i]);
    tokens += own.reduce((sum, length) => sum + length, 0);
    places += own.length * Math.max(...own);
  }
  assert.ok(tokens / places > 0.97, `${tokens / places}`);
  // and short batches do not all come first
  const sizes = batches.map((batch) => lengths[batch[0]]);
  assert.notDeepEqual(sizes, sizes.toSorted((a, b) => a - b));
});

Deno.test("the order follows from seed and epoch", () => {
  const lengths = Array.from({ length: 100 }, (_, i) => i % 9);
  const order = (seed: number, epoch: number) => batchesOf(lengths, { batchSize: 8, seed, epoch });
  assert.deepEqual(order(1, 0), order(1, 0));
  assert.notDeepEqual(order(1, 0), order(2, 0));
  assert.notDeepEqual(order(1, 0), order(1, 1));
});
