import assert from "node:assert/strict";
import { BufferPool } from "../../lib/inference/buffer_pool.ts";
import { partNames } from "../../lib/inference/part_graph.ts";
import { SettledCache } from "../../lib/inference/settled_cache.ts";
import { next } from "../../lib/runtime/state.ts";
import { floats } from "../../lib/runtime/value.ts";

Deno.test("a buffer that was given back is used again where it is long enough, the shortest first", () => {
  const pool = new BufferPool();
  const [short, long] = [pool.take(10), pool.take(30)];
  pool.give(long.subarray(0, 5));
  pool.give(short);
  assert.equal(pool.take(8).buffer, short.buffer);
  assert.equal(pool.take(8).buffer, long.buffer);
  const other = pool.take(8);
  assert.ok(other.buffer !== short.buffer && other.buffer !== long.buffer);
  assert.equal(other.length, 8);
});

Deno.test("a buffer in use is nobody else's", () => {
  const pool = new BufferPool();
  pool.give(pool.take(10));
  const [a, b] = [pool.take(10), pool.take(10)];
  assert.notEqual(a.buffer, b.buffer);
});

Deno.test("a cache that grows leaves no more behind than one of its size", async () => {
  const pool = new BufferPool();
  const shapes = [{ heads: 2, size: 4 }];
  const [key, value] = partNames.fresh("m", 1).map(next);
  const taken: Float32Array[] = [];
  const take = pool.take.bind(pool);
  pool.take = (length) => {
    const buffer = take(length);
    taken.push(buffer);
    return buffer;
  };
  const cache = new SettledCache(shapes, "m", 3, { withFresh: false, pool });
  const columns = () => floats([3, 2, 16, 4], new Float32Array(3 * 2 * 16 * 4));
  for (let i = 0; i < 30; i++) cache.take({ [key]: columns(), [value]: columns() }, 16);
  await cache.select([0, 1, 2, 2]);
  cache[Symbol.dispose]();
  const alive = new Set(
    taken.map(({ buffer }) => buffer).filter(({ byteLength }) => byteLength > 0),
  );
  const bytes = [...alive].reduce((sum, { byteLength }) => sum + byteLength, 0);
  const needed = 2 * 4 * 2 * 480 * 4 * 4;
  assert.ok(bytes <= 2 * needed, `${bytes} bytes are kept, ${needed} were needed`);
});
