import assert from "node:assert/strict";
import { createWorld } from "../../../lib/data/world/world.ts";
import { worldPrompts } from "../../../lib/data/world/world_prompts.ts";

const world = createWorld();

Deno.test("prompts are distinct, of the asked lengths and undecided", () => {
  const prompts = worldPrompts({ seed: 1, count: 200, words: [3, 5], world });
  assert.equal(new Set(prompts).size, 200);
  for (const prompt of prompts) {
    const { words, positive, rude } = world.score(prompt, { finished: false });
    assert.ok(words >= 3 && words <= 5);
    for (const probability of [positive, rude]) {
      assert.ok(probability >= 0.35 && probability <= 0.65, prompt);
    }
  }
});

Deno.test("equal seeds give equal prompts", () => {
  const prompts = (seed: number) => worldPrompts({ seed, count: 20, world });
  assert.deepEqual(prompts(1), prompts(1));
  assert.notDeepEqual(prompts(1), prompts(2));
});

Deno.test("impossible prompts are refused", () => {
  const ask = (count: number, words: [number, number]) => () =>
    worldPrompts({ seed: 1, count, words, world });
  assert.throws(ask(0, [2, 4]), RangeError);
  assert.throws(ask(5, [4, 2]), RangeError);
  assert.throws(ask(5, [0, 2]), RangeError);
  assert.throws(ask(5, [200, 201]), { name: "RangeError", message: /ask for fewer/ });
});
