import assert from "node:assert/strict";
import { rememberedRewards } from "../../lib/methods/remembered_rewards.ts";
import { floats, integers, type Value } from "../../lib/runtime/value.ts";
import type { Example } from "../../lib/train/objective.ts";
import { cpu, floatsOf } from "../run_graph.ts";

Deno.test("a teacher reads whole texts once, and what it says of a token that is not learnt is left out", async () => {
  let asked = 0;
  // it says the sum of the tokens so far
  const teacher = (ids: Value) => {
    asked++;
    const [batch, time] = ids.dims;
    const rows = Array.from(ids.data as BigInt64Array, Number);
    for (let i = 0; i < rows.length; i++) if (i % time > 0) rows[i] += rows[i - 1];
    return Promise.resolve(floats([batch, time, 1], Float32Array.from(rows)));
  };
  const remembered = rememberedRewards(teacher, { labels: 1, device: cpu });
  const long: Example = { before: 7, ids: [1, 2, 3], labels: [] };
  const short: Example = { ids: [5], labels: [] };
  const ids = integers([2, 3], [1, 2, 3, 5, 0, 0]);
  const mask = floats([2, 3], Float32Array.of(1, 1, 1, 1, 0, 0));
  const wants = [8, 10, 13, 5, 0, 0];
  assert.deepEqual([...floatsOf(await remembered(ids, mask, [long, short]))], wants);
  const again = await remembered(integers([1, 1], [5]), floats([1, 1], Float32Array.of(1)), [
    short,
  ]);
  assert.deepEqual([...floatsOf(again)], [5]);
  assert.equal(asked, 1);
});
