import assert from "node:assert/strict";
import { generate } from "../../lib/decode/generate.ts";
import { rateTexts } from "../../lib/methods/rate_prefixes.ts";
import { bestOfNDivergence } from "../../lib/whole_texts/best_of_n.ts";
import { drawTexts } from "../../lib/whole_texts/draw_texts.ts";
import { letters } from "../bases/letters.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import {
  distanceFrom,
  divergenceOf,
  idsOf,
  type Law,
  lawsAfter,
  length,
  rewardOf,
  scorer,
  topK,
  unguided,
} from "./enumerated.ts";

/** q(x) = p(x) (F(r)ⁿ − F(r⁻)ⁿ) / (F(r) − F(r⁻)). */
function bestOf(n: number, p: Law): Law {
  const upTo = (is: (reward: number) => boolean) =>
    [...p].reduce((sum, [text, share]) => sum + (is(rewardOf(idsOf(text))) ? share : 0), 0);
  return new Map([...p].map(([text, share]) => {
    const reward = rewardOf(idsOf(text));
    const [high, low] = [upTo((other) => other <= reward), upTo((other) => other < reward)];
    return [text, share * (high ** n - low ** n) / (high - low)];
  }));
}

Deno.test("the best of n texts has the law of best-of-n, and its divergence is estimated from what was drawn", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const p = unguided(await lawsAfter(base, [7, 30]));
    const q = bestOf(5, p);
    const common = { topK, maxNewTokens: length, ends: [], progress: false } as const;
    const { ids: [texts], rewards: [rewards], divergences, backboneCalls, finished } =
      await drawTexts(base, letters, [letters.decode([7, 30])], {
        ...common,
        method: "best-of-n",
        bestOf: 5,
        reward: { rater: scorer },
        samples: 1000,
      });
    assert.ok(finished);
    assert.ok(distanceFrom(q, texts) < 4);
    assert.ok(distanceFrom(p, texts) > 100, "and could be told from texts that were not chosen");
    texts.forEach((ids, i) => assert.equal(rewards[i], rewardOf(ids)));
    assert.ok(Math.abs(divergences[0] - divergenceOf(q, p)) < 0.02);
    assert.deepEqual(backboneCalls, [4, 5 / length]);
  });
});

Deno.test("a reward model chooses among the texts that are drawn without it, however they are batched", async () => {
  await withTinyModels(async ({ bases: { bosLm: base }, guides: { arm } }) => {
    const prompts = [[7, 30], [12]];
    const [n, samples] = [4, 3];
    const common = { topK: 8, maxNewTokens: 6, seed: 5, progress: false } as const;
    const { continuations } = await generate(base, prompts, { ...common, samples: n * samples });
    const draw = (batchSize: number) =>
      drawTexts(base, letters, prompts.map(letters.decode), {
        ...common,
        ...{ samples, batchSize, bestOf: n, method: "best-of-n" },
        reward: { rater: arm, label: "calm", inverse: true },
      });
    const { ids, texts } = await draw(100);
    for (const [i, prompt] of prompts.entries()) {
      const ratings = await rateTexts(
        arm,
        continuations[i].map((ids) => [...prompt, ...ids]),
        "calm",
      );
      const rewards = ratings.map((rating) => 1 - Math.min(1, Math.max(0, rating)));
      for (let sample = 0; sample < samples; sample++) {
        const own = rewards.slice(sample * n, (sample + 1) * n);
        const best = sample * n + own.indexOf(Math.max(...own));
        assert.deepEqual(ids[i][sample], continuations[i][best]);
      }
      assert.equal(texts[i].prompt, letters.decode(prompt));
    }
    assert.deepEqual((await draw(1)).ids, ids);
  });
});

Deno.test("the divergence of best-of-n is log n − (n − 1)/n where no two rewards are the same, and less where some are", () => {
  const different = Array.from({ length: 5000 }, (_, i) => i);
  for (const n of [1, 2, 8]) {
    const exact = Math.log(n) - (n - 1) / n;
    assert.ok(Math.abs(bestOfNDivergence(different, n) - exact) < 1e-3);
  }
  // of two equally likely rewards the better one comes with probability 1 − 2⁻ⁿ
  const q = 1 - 2 ** -3;
  const exact = q * Math.log(2 * q) + (1 - q) * Math.log(2 * (1 - q));
  assert.ok(Math.abs(bestOfNDivergence([0, 1, 1, 0], 3) - exact) < 1e-12);
  assert.equal(bestOfNDivergence([0.5, 0.5], 8), 0);
});
