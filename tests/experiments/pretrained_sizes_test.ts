import assert from "node:assert/strict";
import { middle, pretrainedSizes } from "../../lib/experiments/pretrained_sizes.ts";

Deno.test("a smaller budget does less of everything, never nothing, and what it leaves out stays out", () => {
  const budgets = [0.1, 2, 8.9, 9, 30, 36, 40, 60, 90, 500];
  const sizes = budgets.map(pretrainedSizes);
  for (const [i, { sets, prompts, strengths, samples, texts, adapterSteps }] of sizes.entries()) {
    assert.ok(sets.length > 0 && prompts >= 3 && texts.sentiment >= 300 && adapterSteps >= 1);
    const before = sizes[i - 1];
    if (!before) continue;
    assert.ok(before.sets.length <= sets.length && before.samples <= samples);
    assert.ok(before.strengths.compared <= strengths.compared);
    assert.ok(before.strengths.others <= strengths.others);
  }
  assert.deepEqual(sizes.map(({ strengths }) => strengths.others), [0, 0, 0, 0, 0, 2, 2, 4, 4, 4]);
  assert.deepEqual(sizes.at(-1), sizes.at(-2));
});

Deno.test("of a list the middle stays", () => {
  assert.deepEqual([4, 3, 2, 1, 0].map((count) => middle([1, 2, 4, 8], count)), [
    [1, 2, 4, 8],
    [1, 2, 4],
    [2, 4],
    [2],
    [],
  ]);
});
