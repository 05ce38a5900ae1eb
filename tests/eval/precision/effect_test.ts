import assert from "node:assert/strict";
import { join } from "node:path";
import { openBaseModel } from "../../../lib/bases/own_base.ts";
import { quantizeModel } from "../../../lib/decode/quantize_model.ts";
import { openLikelihoodJudge } from "../../../lib/eval/likelihood.ts";
import { followTexts } from "../../../lib/eval/precision/followed_texts.ts";
import { languageModelEffect } from "../../../lib/eval/precision/language_model_effect.ts";
import { rewardModelEffect } from "../../../lib/eval/precision/reward_model_effect.ts";
import { timeSteps } from "../../../lib/eval/precision/step_speed.ts";
import { openRewardModel } from "../../../lib/methods/open_reward_model.ts";
import { cpu } from "../../run_graph.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../../tiny_models.ts";
import { WholeTextModel } from "../../whole_text_model.ts";

/** Short texts, an empty one, and one that is longer than the context. */
const texts = [[3, 4, 5], [], [60], [9, 8, 7, 6, 5], Array.from({ length: 40 }, (_, i) => i % 61)];
const quick = { rows: 2, steps: 3 };

Deno.test("texts are followed to their last token, in batches that only lose rows", async () => {
  const many = Array.from(
    { length: 60 },
    (_, i) => Array.from({ length: i % 4 }, (_, t) => 10 * i + t),
  );
  const seen: number[] = [];
  let open = 0;
  await followTexts(many, (rows) => {
    open++;
    let read: number[][] = Array.from({ length: rows }, () => []);
    return Promise.resolve({
      select: (rows: readonly number[]) =>
        Promise.resolve(void (read = rows.map((row) => read[row]))),
      step: (tokens: readonly number[]) => {
        assert.equal(tokens.length, read.length);
        read = read.map((text, row) => [...text, tokens[row]]);
        return Promise.resolve();
      },
      read: () => read,
      [Symbol.dispose]: () => void open--,
    });
  }, (follower, next) => {
    const read = follower.read();
    assert.equal(next.length, read.length);
    next.forEach((token, row) => {
      assert.deepEqual(read[row], many[Math.floor(token / 10)].slice(0, token % 10));
      seen.push(token);
    });
  });
  assert.equal(open, 0);
  assert.deepEqual(seen.sort((a, b) => a - b), many.flat().sort((a, b) => a - b));
});

Deno.test("steps of two models alternate, and the first of each is not timed", async () => {
  const order: string[] = [];
  const wait = (name: string) => () => {
    order.push(name);
    return Promise.resolve();
  };
  const { whole, reduced } = await timeSteps(wait("a"), wait("b"), 2);
  assert.equal(order.join(""), "abbaab");
  assert.ok(whole >= 0 && reduced >= 0);
});

Deno.test("a language model has its own logits, and the perplexity that a judge gives it", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const [eight, four] = [join(parent, "eight"), join(parent, "four")];
    await quantizeModel(path, eight, { bits: 8, block: 16 });
    await quantizeModel(path, four, { bits: 4, block: 16 });
    await using whole = await openBaseModel(path, cpu);
    await using same = await openBaseModel(path, cpu);
    await using inEight = await openBaseModel(eight, cpu);
    await using inFour = await openBaseModel(four, cpu);

    const none = await languageModelEffect(whole, same, texts, quick);
    assert.deepEqual([none.logitError, none.tokens], [0, 9 + tinyBackbone.context]);
    assert.equal(none.perplexity.whole, none.perplexity.reduced);
    assert.ok(none.step.whole > 0 && none.step.reduced > 0);

    const [little, more] = [
      await languageModelEffect(whole, inEight, texts, quick),
      await languageModelEffect(whole, inFour, texts, quick),
    ];
    assert.ok(0 < little.logitError && little.logitError < 0.05, `${little.logitError}`);
    assert.ok(little.logitError < more.logitError && more.logitError < 1, `${more.logitError}`);
    for (const [path, { perplexity }] of [[eight, little], [four, more]] as const) {
      await using judge = await openLikelihoodJudge(path, cpu);
      const read = texts.filter(({ length }) => length > 0)
        .map((text) => ({ prompt: [], ids: text.slice(0, tinyBackbone.context) }));
      const nats = (await judge.negativeLogLikelihoods(read)).reduce((sum, nll) => sum + nll, 0);
      const judged = Math.exp(nats / little.tokens);
      // activations in 8 bits round otherwise where the last digits differ
      assert.ok(
        Math.abs(perplexity.reduced / judged - 1) < 0.02,
        `${perplexity.reduced}, ${judged}`,
      );
      assert.equal(perplexity.whole, none.perplexity.whole);
    }
  });
});

Deno.test("scores of a reward model are compared at the candidates of a base model", async () => {
  await withTemporaryFolder(async (parent) => {
    const lm = await writeTinyModel(parent, "lm");
    await using base = await openBaseModel(lm, cpu);
    for (const name of ["arm", "rad", "gedi"] as const) {
      const path = await writeTinyModel(parent, name);
      const few = join(parent, `${name}-few`);
      await quantizeModel(path, few, { bits: 8, block: 32 });
      await using whole = await openRewardModel(path, cpu);
      await using same = await openRewardModel(path, cpu);
      await using reduced = await openRewardModel(few, cpu);
      const settings = { ...quick, k: 6 };
      const none = await rewardModelEffect(whole, same, base, texts, settings);
      assert.deepEqual([none.meanDifference, none.largestDifference], [0, 0]);
      const places = 9 + Math.min(base.longestText, whole.longestText);
      assert.equal(none.scores, places * 6 * whole.labels.length);
      const some = await rewardModelEffect(whole, reduced, base, texts, settings);
      assert.equal(some.spread, none.spread);
      assert.ok(some.meanDifference > 0 && some.meanDifference <= some.largestDifference);
      assert.ok(some.meanDifference < 0.1 * some.spread, `${name}: ${JSON.stringify(some)}`);
    }
    // the spread of one place, from whole texts
    const path = join(parent, "rad");
    await using rad = await openRewardModel(path, cpu);
    await using wholeTexts = await WholeTextModel.open(path);
    using reading = await base.start([[]], 6);
    const candidates = Array.from(reading.candidates.ids!.data as BigInt64Array, Number);
    if (!candidates.includes(60)) candidates[5] = 60;
    const [rewards] = await wholeTexts.rewards([[]], [candidates]);
    const variances = rad.labels.map((_, label) => {
      const scores = rewards.map((labels) => labels[label]);
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      return scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
    });
    const expected = Math.sqrt(variances.reduce((sum, value) => sum + value, 0) / variances.length);
    const { spread } = await rewardModelEffect(rad, rad, base, [[60]], { ...quick, k: 6 });
    assert.ok(Math.abs(spread - expected) < 1e-4 * expected, `${spread}, ${expected}`);
  });
});

Deno.test("models are not compared on nothing", async () => {
  await withTemporaryFolder(async (parent) => {
    await using base = await openBaseModel(await writeTinyModel(parent, "lm"), cpu);
    await using arm = await openRewardModel(await writeTinyModel(parent, "arm"), cpu);
    const refusal = { name: "RangeError", message: "There are no tokens to compare the models on" };
    for (const nothing of [[], [[]]]) {
      await assert.rejects(languageModelEffect(base, base, nothing), refusal);
      await assert.rejects(rewardModelEffect(arm, arm, base, nothing), refusal);
    }
  });
});
