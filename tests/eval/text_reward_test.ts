import assert from "node:assert/strict";
import { textReward } from "../../lib/eval/text_reward.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { rateTexts } from "../../lib/methods/rate_prefixes.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyModel } from "../tiny_models.ts";

Deno.test("a reward model rates texts with the rewards that it steers by, turned where asked", async () => {
  await withTemporaryFolder(async (folder) => {
    await using model = await openRewardModel(await writeTinyModel(folder, "arm"), cpu);
    const texts = [[3, 4, 5], [], [6]].map((ids) => ({ prompt: "", continuation: "", ids }));
    const rate = (inverse: boolean, vocabulary = 61) =>
      textReward(model, { label: "calm", inverse }, vocabulary).rate(texts, undefined);
    const [towards, away] = [await rate(false), await rate(true)];
    for (const i of [0, 2]) {
      assert.ok(towards[i] >= 0 && towards[i] <= 1);
      assert.equal(away[i], 1 - towards[i]);
    }
    assert.deepEqual([towards[1], away[1]], [0, 0]);
    assert.throws(() => rate(false, 60), { message: /has 61 tokens and the language model 60/ });
    const pair = { ...model, rule: "difference" } as const;
    assert.throws(() => textReward(pair, { label: "calm", inverse: false }, 61), {
      message: /^A reward model of kind arm compares next tokens and rates no texts/,
    });
  });
});

const ids = Array.from({ length: 61 }, (_, token) => [5, token]);
const written = ids.map((ids) => ({ prompt: "", continuation: "", ids }));

Deno.test("the value that Rectification gives a text is its reward as it is, and that of FUDGE log-odds", async () => {
  await withTemporaryFolder(async (folder) => {
    const clamp = (value: number) => Math.min(1, Math.max(0, value));
    const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
    for (const [kind, reward] of [["rectification", clamp], ["fudge", sigmoid]] as const) {
      await using model = await openRewardModel(await writeTinyModel(folder, kind), cpu);
      const rewards = textReward(model, { label: "kind", inverse: false }, 61);
      const values = await rateTexts(model, ids, "kind");
      const expected = values.map(reward);
      assert.ok(expected.some((value) => value > 0 && value < 1));
      assert.deepEqual(await rewards.rate(written, undefined), expected);
    }
  });
});
