import assert from "node:assert/strict";
import { rememberedRewards } from "../../lib/methods/remembered_rewards.ts";
import { floats, integers, type Value } from "../../lib/runtime/value.ts";
import { batchesOf } from "../../lib/train/batches.ts";
import { firstBatches } from "../../lib/train/first_batches.ts";
import { type Example, lengthOf } from "../../lib/train/objective.ts";
import { padded } from "../../lib/train/padded_texts.ts";
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

Deno.test("over several epochs, and where a run begins in a later one, a teacher reads each text once, in the batch of the first epoch", async () => {
  const examples = Array.from(
    { length: 30 },
    (_, i): Example => ({ ids: Array.from({ length: i % 7 }, (_, t) => i + t), labels: [] }),
  );
  const run = { seed: 0, batchSize: 8, accumulationSteps: 2, holdOut: 0.1 };
  const batches = firstBatches(examples, run);
  const training = batches.flat();
  for (const first of [0, 2]) {
    const asked: (readonly Example[])[] = [];
    const teacher = (ids: Value, _mask: Value, texts: readonly Example[]) => {
      asked.push(texts);
      const rows = Float32Array.from(ids.data as BigInt64Array, Number);
      return Promise.resolve(floats([...ids.dims, 1], rows));
    };
    const together = () => batches;
    const remembered = rememberedRewards(teacher, { labels: 1, device: cpu, together });
    for (let epoch = first; epoch < 3; epoch++) {
      for (const batch of batchesOf(training.map(lengthOf), { ...run, epoch })) {
        const texts = Array.from(batch, (i) => training[i]);
        const { ids, mask } = padded({ endOfText: 0 }, texts, 6);
        const said = floatsOf(await remembered(ids, mask, texts));
        assert.deepEqual([...said], Array.from(ids.data as BigInt64Array, Number));
      }
    }
    const texts = asked.flat();
    assert.equal(texts.length, new Set(texts).size);
    assert.ok(asked.every((batch) => batches.includes(batch)));
  }
});
