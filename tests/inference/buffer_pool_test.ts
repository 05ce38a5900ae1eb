import assert from "node:assert/strict";
import { BufferPool } from "../../lib/inference/buffer_pool.ts";

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
