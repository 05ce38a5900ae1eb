import assert from "node:assert/strict";
import { textReward } from "../../lib/eval/text_reward.ts";
import { modelSpecJson } from "../../lib/methods/model_spec.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { rateTexts } from "../../lib/methods/rate_prefixes.ts";
import { configPath } from "../../lib/weights/model_folder.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { type TinyModel, tinySpecs, writeTinyModel } from "../tiny_models.ts";

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
  });
});

const ids = Array.from({ length: 61 }, (_, token) => [5, token]);
const written = ids.map((ids) => ({ prompt: "", continuation: "", ids }));

/** Checks that a model's ratings of texts become their rewards by this function. */
async function checkRewards(path: string, reward: (rating: number) => number): Promise<void> {
  await using model = await openRewardModel(path, cpu);
  const rewards = textReward(model, { label: "kind", inverse: false }, 61);
  const ratings = await rateTexts(model, ids, "kind");
  const expected = ratings.map(reward);
  assert.ok(expected.some((reward) => reward > 0 && reward < 1));
  assert.deepEqual(await rewards.rate(written, undefined), expected, model.kind);
}

const clamp = (rating: number) => Math.min(1, Math.max(0, rating));
const sigmoid = (rating: number) => 1 / (1 + Math.exp(-rating));

Deno.test("the value that Rectification gives a text is its reward as it is, and that of FUDGE log-odds", async () => {
  await withTemporaryFolder(async (folder) => {
    await checkRewards(await writeTinyModel(folder, "rectification"), clamp);
    await checkRewards(await writeTinyModel(folder, "fudge"), sigmoid);
  });
});

Deno.test("what CD expects is a reward as it is, and what ARGS and FaRMA learnt from pairs a number of any size", async () => {
  await withTemporaryFolder(async (folder) => {
    await checkRewards(await writeTinyModel(folder, "cd"), clamp);
    await checkRewards(await writeTinyModel(folder, "args"), sigmoid);
    await checkRewards(await writeTinyModel(folder, "farma"), sigmoid);
  });
});

Deno.test("an ARM or RAD that learnt from pairs rates texts with numbers of any size", async () => {
  await withTemporaryFolder(async (folder) => {
    for (const kind of ["arm", "rad"] as const) {
      const path = await writeTinyModel(folder, kind);
      const config = modelSpecJson({ ...tinySpecs[kind], fromPairs: true });
      await Deno.writeTextFile(configPath(path), JSON.stringify(config));
      await checkRewards(path, sigmoid);
    }
  });
});

Deno.test("a model that compares next tokens is no reward of texts", async () => {
  await withTemporaryFolder(async (folder) => {
    const refused = async (path: string, kind: string) => {
      await using model = await openRewardModel(path, cpu);
      assert.throws(() => textReward(model, { inverse: false }, 61), {
        name: "TypeError",
        message:
          `A reward model of kind ${kind} compares next tokens and rates no texts: choose one that rates texts, or a scorer.`,
      });
    };
    for (const kind of ["genarm", "pplm"] as const satisfies readonly TinyModel[]) {
      await refused(await writeTinyModel(folder, kind), kind);
    }
    await writeTinyModel(folder, "lm");
    const experts = { kind: "dexperts", labels: ["kind"], expert: "lm", antiexpert: "lm" } as const;
    await Deno.writeTextFile(configPath(folder), JSON.stringify(modelSpecJson(experts)));
    await refused(folder, "dexperts");
  });
});
