import assert from "node:assert/strict";
import fc from "fast-check";
import { BufferPool } from "../../lib/inference/buffer_pool.ts";
import { SettledCache } from "../../lib/inference/settled_cache.ts";
import { partNames } from "../../lib/inference/part_graph.ts";
import { next } from "../../lib/runtime/state.ts";
import { floats, type Value } from "../../lib/runtime/value.ts";

const shapes = [{ heads: 2, size: 3 }, { heads: 1, size: 4 }];
const settled = partNames.settled("m", shapes.length);
const fresh = partNames.fresh("m", shapes.length);

/** What each row of each buffer holds, `[buffer][row][column][head]`; a column of a head is filled with one number. */
type Columns = number[][][][];

/** A run's output of new columns. */
function outputsOf(added: Columns): Record<string, Value> {
  return Object.fromEntries(fresh.map((name, buffer) => {
    const { heads, size } = shapes[buffer >> 1];
    const rows = added[buffer];
    const data = rows.flatMap((columns) =>
      Array.from(
        { length: heads },
        (_, head) => columns.flatMap((column) => Array<number>(size).fill(column[head])),
      ).flat()
    );
    return [
      next(name),
      floats([rows.length, heads, rows[0].length, size], Float32Array.from(data)),
    ];
  }));
}

Deno.test("a cache holds what was put behind it, row by row, while rows go and are repeated", () => {
  const moves = fc.array(
    fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ select: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), sort: fc.boolean() }),
    ),
    { maxLength: 8 },
  );
  return fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), moves, async (rows, moves) => {
      using cache = new SettledCache(shapes, "m", rows, {
        withFresh: true,
        pool: new BufferPool(),
      });
      let expected: Columns = settled.map(() => Array.from({ length: rows }, () => []));
      let count = 0;
      for (const move of moves) {
        if ("add" in move) {
          const added = expected.map((all, buffer) =>
            all.map(() =>
              Array.from(
                { length: move.add },
                () => Array.from({ length: shapes[buffer >> 1].heads }, () => ++count),
              )
            )
          );
          cache.take(outputsOf(added), move.add);
          expected = expected.map((all, b) => all.map((row, i) => [...row, ...added[b][i]]));
        } else {
          let chosen = move.select.map((row) => row % expected[0].length);
          if (move.sort) chosen = [...new Set(chosen)].sort((a, b) => a - b);
          await cache.select(chosen);
          expected = expected.map((all) => chosen.map((row) => all[row]));
        }
      }
      const feeds = cache.feeds();
      const { columns } = cache;
      assert.deepEqual([...feeds["m.length"].data as BigInt64Array], [BigInt(columns)]);
      settled.forEach((name, buffer) => {
        const { heads, size } = shapes[buffer >> 1];
        const [batch, , room] = feeds[name].dims;
        assert.equal(batch, expected[buffer].length);
        assert.ok(room >= Math.max(1, columns));
        const data = feeds[name].data as Float32Array;
        expected[buffer].forEach((row, i) => {
          assert.equal(row.length, columns);
          row.forEach((column, at) =>
            column.forEach((number, head) => {
              const start = ((i * heads + head) * room + at) * size;
              assert.ok(data.subarray(start, start + size).every((value) => value === number));
            })
          );
        });
        assert.deepEqual(feeds[fresh[buffer]].dims, [batch, heads, 0, size]);
      });
    }),
    { numRuns: 200, seed: 1 },
  );
});
