import assert from "node:assert/strict";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { logRatios } from "../../lib/decode/log_probabilities.ts";
import { generate } from "../../lib/decode/generate.ts";
import type { Interval } from "../../lib/eval/bootstrap.ts";
import { optimumFrontier, optimumGap } from "../../lib/eval/optimum.ts";
import type { RewardModel } from "../../lib/methods/reward_model.ts";
import { Random } from "../../lib/random.ts";
import { withAllSystems } from "../decode/all_systems.ts";
import { cpu } from "../run_graph.ts";

// A world so small that all texts can be counted: three tokens, each one of three.

const [topK, length, beta, strength] = [3, 3, 2, 4];
const prompts = Array.from({ length: 24 }, (_, i) => [i % 12, (5 * i + 1) % 12]);

/** A text, and the logarithms of its probabilities without guidance and with it. */
interface Text {
  readonly ids: readonly number[];
  readonly p: number;
  readonly q: number;
}

/** Some reward of a whole text in [0, 1]. */
const rewardOf = (ids: readonly number[]) =>
  (ids.reduce((sum, id, place) => sum + (place + 3) * (id + 1), 0) % 11) / 10;

function logSoftmax(logits: readonly number[]): number[] {
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  return logits.map((logit) => logit - Math.log(sum));
}

/** All texts that can follow a prompt. */
async function textsAfter(
  prompt: readonly number[],
  base: BaseModel,
  model: RewardModel,
): Promise<Text[]> {
  let texts: Text[] = [{ ids: [], p: 0, q: 0 }];
  for (let step = 0; step < length; step++) {
    const read = texts.map(({ ids }) => [...prompt, ...ids]);
    using reading = await base.start(read, topK);
    using rating = await model.start(read);
    const { ids, logits } = reading.candidates;
    const scores = (await rating.rate(ids)).data as Float32Array;
    texts = texts.flatMap((text, row) => {
      const of = (i: number) => row * topK + i;
      const places = Array.from({ length: topK }, (_, i) => i);
      const z = places.map((i) => logits.data[of(i)] as number);
      const p = logSoftmax(z);
      const labels = model.labels.length;
      const q = logSoftmax(
        z.map((logit, i) =>
          logit + strength * Math.min(Math.max(scores[row * labels * topK + i], 0), 1)
        ),
      );
      return places.map((i) => ({
        ids: [...text.ids, Number(ids!.data[of(i)])],
        p: text.p + p[i],
        q: text.q + q[i],
      }));
    });
  }
  return texts;
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Expectations over the texts of every prompt, and the mean over prompts. */
const exact = (all: readonly (readonly Text[])[], of: (texts: readonly Text[]) => number) =>
  mean(all.map(of));

const sumOf = (texts: readonly Text[], of: (text: Text) => number) =>
  texts.reduce((sum, text) => sum + of(text), 0);

const logZ = (texts: readonly Text[], beta: number) =>
  Math.log(sumOf(texts, ({ ids, p }) => Math.exp(p + beta * rewardOf(ids))));

const tilted = (texts: readonly Text[], beta: number) =>
  sumOf(
    texts,
    ({ ids, p }) => Math.exp(p + beta * rewardOf(ids) - logZ(texts, beta)) * rewardOf(ids),
  );

function holds(interval: Interval, value: number, what: string): void {
  const { low, high } = interval;
  assert.ok(low <= value && value <= high, `${what} ${value} is not in [${low}, ${high}]`);
}

async function withTexts(
  test: (base: BaseModel, model: RewardModel, all: readonly (readonly Text[])[]) => Promise<void>,
): Promise<void> {
  await withAllSystems(cpu, async ({ bases: { lm }, guides: { arm } }) => {
    const all: Text[][] = [];
    for (const prompt of prompts) all.push(await textsAfter(prompt, lm, arm));
    await test(lm, arm, all);
  });
}

const sampling = { topK, maxNewTokens: length, ends: [], samples: 300, batchSize: 1200 };
const rewardsOf = (continuations: readonly (readonly (readonly number[])[])[]) =>
  continuations.map((texts) => texts.map(rewardOf));

Deno.test("estimates of the optimum, of a method and of the gap between them are the enumerated values within their intervals", async () => {
  await withTexts(async (base, model, all) => {
    const unguided = rewardsOf((await generate(base, prompts, sampling)).continuations);
    const frontier = optimumFrontier(unguided);
    const near = (beta: number) =>
      frontier.reduce((a, b) => Math.abs(b.beta - beta) < Math.abs(a.beta - beta) ? b : a);
    for (const wanted of [0, 0.5, 2, 6]) {
      const { beta, reward, divergence, logZ: z } = near(wanted);
      const optimal = exact(all, (texts) => tilted(texts, beta));
      const exactZ = exact(all, (texts) => logZ(texts, beta));
      holds(reward, optimal, `E[r] at β = ${beta}`);
      if (beta === 0) continue;
      holds(z, exactZ, `log Z at β = ${beta}`);
      holds(divergence, beta * optimal - exactZ, `KL at β = ${beta}`);
    }

    const { continuations, logProbabilities } = await generate(base, prompts, {
      ...sampling,
      seed: 1,
      logProbabilities: true,
      guides: [{ model, steering: [{ label: model.labels[0], beta: strength }] }],
    });
    const written = {
      rewards: rewardsOf(continuations),
      logRatios: logRatios(logProbabilities!),
    };
    const gap = optimumGap(written, unguided, { beta });
    const reward = exact(all, (texts) => sumOf(texts, ({ ids, q }) => Math.exp(q) * rewardOf(ids)));
    const divergence = exact(all, (texts) => sumOf(texts, ({ p, q }) => Math.exp(q) * (q - p)));
    holds(gap.reward, reward, "E[r] of the method");
    holds(gap.divergence, divergence, "KL of the method");
    const z = exact(all, (texts) => logZ(texts, beta));
    holds(gap.gap!, divergence - beta * reward + z, "the gap");
    assert.ok(gap.gap!.low > 0, "a method that knows nothing of the reward is not optimal");

    // without a β it is the least over all of them
    const least = optimumGap(written, unguided);
    assert.ok(least.gap!.estimate <= gap.gap!.estimate + 1e-9);
  });
});

Deno.test("texts of the optimum itself have no gap", async () => {
  await withTexts(async (base, _, all) => {
    const unguided = rewardsOf((await generate(base, prompts, sampling)).continuations);
    const random = new Random(0, "optimum");
    const drawn = all.map((texts) => {
      const z = logZ(texts, beta);
      const weights = texts.map(({ ids, p }) => Math.exp(p + beta * rewardOf(ids)));
      return Array.from({ length: 200 }, () => {
        const reward = rewardOf(texts[random.weighted(weights)].ids);
        return { reward, logRatio: beta * reward - z };
      });
    });
    const written = {
      rewards: drawn.map((texts) => texts.map(({ reward }) => reward)),
      logRatios: drawn.map((texts) => texts.map(({ logRatio }) => logRatio)),
    };
    const fixed = optimumGap(written, unguided, { beta });
    holds(fixed.gap!, 0, "the gap at β");
    assert.ok(fixed.gap!.high - fixed.gap!.low < 0.05);
    const found = optimumGap(written, unguided);
    assert.ok(Math.abs(found.gap!.estimate) < 0.02, `${found.gap!.estimate}`);
    assert.ok(Math.abs(found.beta - beta) < 0.5, `${found.beta}`);
  });
});

Deno.test("what too few unguided texts could only guess is not told", () => {
  const random = new Random(0, "rewards");
  const rewards = Array.from(
    { length: 5 },
    () => Array.from({ length: 60 }, () => random.uniform()),
  );
  const frontier = optimumFrontier(rewards);
  assert.ok(frontier.every(({ effective }) => effective >= 30));
  const strongest = frontier.at(-1)!;
  assert.ok(strongest.beta < 20);
  const best = {
    rewards: rewards.map(() => [1]),
    logRatios: rewards.map(() => [3]),
  };
  const { gap, beta, divergence } = optimumGap(best, rewards);
  assert.equal(gap, undefined);
  assert.deepEqual([beta, divergence.estimate], [strongest.beta, 3]);
  assert.throws(() => optimumGap(best, rewards, { beta: 50 }), /at β = 50 .* below 30/);
  assert.throws(() => optimumFrontier([[0.5]]), /prompt 1 has 1 unguided texts with a reward/);
  assert.throws(() => optimumGap(best, rewards.slice(1)), /5 prompts, .* unguided texts of 4/);
});
