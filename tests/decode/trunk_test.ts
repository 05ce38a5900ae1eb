import assert from "node:assert/strict";
import { join } from "node:path";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { openTransformersBase } from "../../lib/bases/transformers_base.ts";
import { generate } from "../../lib/decode/generate.ts";
import type { GenerateOptions } from "../../lib/decode/generate_options.ts";
import { quantizeModel } from "../../lib/decode/quantize_model.ts";
import { mergeAdapter } from "../../lib/methods/merge_adapter.ts";
import type { HeadedSpec } from "../../lib/methods/model_spec.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { rateVocabulary } from "../../lib/methods/rate_prefixes.ts";
import type { RewardModel } from "../../lib/methods/reward_model.ts";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { openSafetensors, writeSafetensors } from "../../lib/weights/safetensors.ts";
import { letters } from "../bases/letters.ts";
import { otherModelTypes, smallBackbone } from "../models/random_backbone.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinySpecs, writeTinyModel } from "../tiny_models.ts";
import { specsOf, writeRandomModel } from "./random_models.ts";
import { writeOnTrunk } from "./write_on_trunk.ts";

const fewWays: readonly GenerateOptions[] = [{ stepsPerRun: 100 }, { together: false }];
const ways: readonly GenerateOptions[] = [...fewWays, { stepsPerRun: 1 }, { batchSize: 1 }];

const prompts = [[3, 1, 4, 1, 5, 9, 2], [6], [5, 3, 5]];

/** What a base model writes with a guide, and the guide's rewards on the way. */
async function steered(base: BaseModel, model: RewardModel, way: GenerateOptions) {
  const scores: number[] = [];
  const { continuations } = await generate(base, prompts, {
    guides: [{ model, steering: [{ label: "kind", beta: 9 }] }],
    topK: 9,
    samples: 2,
    maxNewTokens: 6,
    ends: [],
    seed: 3,
    ...way,
    onStep: ({ scores: [values] }) => scores.push(...values.data as Float32Array),
  });
  return { continuations, scores };
}

/** Checks that a model on a trunk, and one of its own with the same weights, write and rate the same however that is computed. */
async function checkWays(
  folder: string,
  base: string,
  spec: HeadedSpec,
  ways: readonly GenerateOptions[],
): Promise<void> {
  await using opened = await openBaseModel(base, cpu);
  const { length } = spec.backbone.blocks;
  for (const blocks of [length, length - 1]) {
    const path = join(folder, `on-${blocks}`);
    await writeOnTrunk(path, spec, base, blocks);
    await mergeAdapter(path, join(folder, `of-its-own-${blocks}`));
    await using model = await openRewardModel(path, cpu);
    await using whole = await openRewardModel(join(folder, `of-its-own-${blocks}`), cpu);
    assert.equal(model.part!.caches.length, length - blocks);
    const whatever = await steered(opened, whole, {});
    for (const way of ways) {
      const has = await steered(opened, model, way);
      // single rows come in another order
      const wants = way.batchSize ? await steered(opened, whole, way) : whatever;
      assert.deepEqual(has.continuations, wants.continuations, JSON.stringify(way));
      assert.equal(has.scores.length, wants.scores.length);
      has.scores.forEach((score, i) => assert.ok(Math.abs(score - wants.scores[i]) < 1e-5));
    }
  }
}

for (const modelType of otherModelTypes) {
  Deno.test(`${modelType}: on the base's trunk or of its own, the same rewards and tokens`, async () => {
    await withTemporaryFolder(async (folder) => {
      const { base, arm } = specsOf(smallBackbone(modelType));
      await checkWays(folder, await writeRandomModel(join(folder, "base"), base, 1), arm, fewWays);
    });
  });
}

Deno.test("a base that reads no BOS is read so above its trunk, whatever else steers", async () => {
  await withTemporaryFolder(async (folder) => {
    const lm = await writeTinyModel(folder, "lm");
    await checkWays(folder, lm, tinySpecs.arm, ways);
    await using base = await openBaseModel(lm, cpu);
    await using model = await openRewardModel(join(folder, "on-2"), cpu);
    await using rad = await openRewardModel(await writeTinyModel(folder, "rad"), cpu);
    const guides = [model, rad].map((model) => ({ model, steering: [{ label: "kind", beta: 5 }] }));
    const options = { samples: 2, maxNewTokens: 5, topK: 8, seed: 1, ends: [] };
    // with RAD each model has graphs of its own
    const both = await generate(base, prompts, { ...options, guides });
    assert.equal(both.finished, true);
    // a model of its own reads BOS before the same text, and rates otherwise
    const [[at]] = await rateVocabulary(model, [[5, 3]], "kind");
    await using arm = await openRewardModel(await writeTinyModel(folder, "arm"), cpu);
    assert.notEqual(at, (await rateVocabulary(arm, [[5, 3]], "kind"))[0][0]);
  });
});

Deno.test("a base whose matrices have few bits has the same trunk, and its states are what is rated", async () => {
  await withTemporaryFolder(async (folder) => {
    const lm = await writeTinyModel(folder, "lm");
    await quantizeModel(lm, join(folder, "lm8"), { bits: 8 });
    const path = await writeOnTrunk(join(folder, "arm"), tinySpecs.arm, lm, 1);
    await using base = await openBaseModel(join(folder, "lm8"), cpu);
    await using model = await openRewardModel(path, cpu);
    await using few = await openRewardModel(path, cpu, { adapterBase: join(folder, "lm8") });
    const together = await steered(base, model, {});
    assert.deepEqual(together, await steered(base, few, {}));
    const apart = await steered(base, few, { together: false });
    together.scores.forEach((score, i) => assert.ok(Math.abs(score - apart.scores[i]) < 1e-4));
    await assert.rejects(quantizeModel(path, join(folder, "arm8"), { bits: 8 }), {
      name: "TypeError",
      message:
        `'${path}' shares the trunk of its base model, which is what takes the time: quantize that, or write the model as ` +
        "one of its own first (deno task merge).",
    });
  });
});

Deno.test("what a model on a trunk cannot stand on is refused in one sentence", async () => {
  await withTemporaryFolder(async (folder) => {
    const lm = await writeTinyModel(folder, "lm");
    const other = await writeTinyModel(folder, "bosLm");
    const path = await writeOnTrunk(join(folder, "arm"), tinySpecs.arm, lm, 1);
    await using model = await openRewardModel(path, cpu);
    await using wrong = await openBaseModel(other, cpu);
    const own = "write it as a model of its own with `deno task merge` (mergeAdapter).";
    await assert.rejects(steered(wrong, model, {}), {
      name: "TypeError",
      message:
        "The reward model (arm) shares the first 1 blocks of another base model than the one to be steered: steer that one " +
        `with it, or ${own}`,
    });
    await assert.rejects(openRewardModel(path, cpu, { adapterBase: other }), {
      message:
        `'${path}' shares the first 1 blocks of another model than '${other}': name the one that it was trained on with ` +
        "--adapter-base (adapterBase).",
    });
    await exportBaseModel(lm, join(folder, "onnx"));
    await using onnx = await openTransformersBase(join(folder, "onnx"), cpu, {
      tokenizer: letters,
    });
    await assert.rejects(steered(onnx, model, {}), {
      message:
        "The reward model (arm) shares the first 1 blocks of its base model, and the one to be steered gives no hidden " +
        `states: open it from its weights, or ${own}`,
    });
    // one weight of the trunk is another
    const file = join(lm, "model.safetensors");
    const weights = await openSafetensors(file);
    const tensors = [];
    for (const [name, { shape }] of weights.tensors) {
      const data = await weights.readFloat32(name);
      if (name === "h.0.mlp.c_fc.weight") data[0] += 1;
      tensors.push([name, { dtype: "F32", shape, data }] as const);
    }
    await writeSafetensors(file, tensors, { format: "pt" });
    await assert.rejects(openRewardModel(path, cpu), /shares the first 1 blocks of another model/);
    await Deno.rename(lm, join(folder, "elsewhere"));
    await assert.rejects(openRewardModel(path, cpu), {
      message:
        `The config.json of '${path}' names the base model '../lm', and there is no such folder: name the folder of ` +
        "its base model with --adapter-base (adapterBase).",
    });
  });
});
