import assert from "node:assert/strict";
import fc from "fast-check";
import { MergeQueue } from "../../lib/data/merge_queue.ts";

Deno.test("pairs come by falling count, and by rising pair among equal counts", () => {
  const entry = fc.record({ pair: fc.nat({ max: 20 }), count: fc.nat({ max: 5 }) }, {
    noNullPrototype: true,
  });
  fc.assert(fc.property(fc.array(entry), (entries) => {
    const queue = new MergeQueue();
    for (const { pair, count } of entries) queue.push(pair, count);
    const taken = entries.map(() => queue.pop());
    assert.equal(queue.pop(), undefined);
    assert.deepEqual(taken, entries.sort((a, b) => b.count - a.count || a.pair - b.pair));
  }));
});
