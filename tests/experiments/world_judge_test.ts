import assert from "node:assert/strict";
import { createWorld } from "../../lib/data/world/world.ts";
import type { TextGeneration } from "../../lib/decode/text_generation.ts";
import { worldJudge } from "../../lib/experiments/world_judge.ts";

const world = createWorld();
const prompt = "the film was";
const continuations = [" superb and i will return .", " awful and i regretted it ."];
const generation: TextGeneration = {
  texts: [{ prompt, continuations }],
  ids: [continuations.map((text) => text.split(" "))] as unknown as number[][][],
  promptIds: [[]],
  tokens: 0,
  finished: true,
  backboneCalls: [],
};

Deno.test("the world judges each continuation, or the greatest probability of each prompt", async () => {
  const expected = continuations.map((text) => world.score(text, { prompt }));
  const [mean] = await worldJudge(world).measure(generation);
  assert.deepEqual(mean.scores, expected.map(({ positive }) => positive));
  assert.ok(mean.scores[0] > mean.scores[1]);
  assert.deepEqual(mean.fluency.map(({ nll }) => -nll), expected.map((e) => e.logProbability));

  const judge = worldJudge(world, { attribute: "rude", control: "maximum" });
  const [greatest] = await judge.measure(generation);
  assert.deepEqual(greatest.scores, [Math.max(...expected.map(({ rude }) => rude))]);
  assert.equal(greatest.fluency.length, 2);
});
