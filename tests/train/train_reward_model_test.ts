import assert from "node:assert/strict";
import { join } from "node:path";
import type { LabelledTexts } from "../../lib/data/labelled_texts.ts";
import { createWorld } from "../../lib/data/world/world.ts";
import { modelSpecJson, shapesOf } from "../../lib/nn/model_spec.ts";
import { Random } from "../../lib/random.ts";
import { openRewardModel } from "../../lib/reward/open_reward_model.ts";
import { trainLanguageModel } from "../../lib/train/train_language_model.ts";
import { type RewardModelOptions, trainRewardModel } from "../../lib/train/train_reward_model.ts";
import {
  openModelFolder,
  readParameters,
  writeModelFolder,
} from "../../lib/weights/model_folder.ts";
import { backboneSpecOf } from "../backbone_spec.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters, writeTinyModel } from "../tiny_models.ts";

const world = createWorld();
const random = new Random(1, "texts");
const samples = Array.from({ length: 120 }, () => world.sample(random));
const data: LabelledTexts = {
  texts: samples.map(({ text }) => text),
  labels: Float32Array.from(samples.flatMap(({ positive, rude }) => [+positive, +rude])),
  labelNames: ["positive", "rude"],
  skipped: 0,
};

const settings = { rate: 1e-2, epochs: 2, batchSize: 20 };

/** Runs `test` with a base model of the small world, trained for a few steps. */
async function withBase(test: (base: string, parent: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const base = join(parent, "base");
    await trainLanguageModel(data.texts, {
      ...settings,
      out: base,
      vocabulary: 300,
      positions: 40,
      width: 16,
      layers: 1,
      heads: 2,
      maxSteps: 2,
    }, cpu);
    await test(base, parent);
  });
}

async function parametersOf(path: string): Promise<Map<string, Float32Array>> {
  const folder = await openModelFolder(path);
  return await readParameters(folder, shapesOf(backboneSpecOf(folder)));
}

Deno.test("a RAD teacher, an ARM distilled from it and an ARM on labels are trained on one base", async () => {
  await withBase(async (base, parent) => {
    const { "wte.weight": embeddings } = Object.fromEntries(await parametersOf(base));
    const train = async (name: string, options: Partial<RewardModelOptions>) => {
      const out = join(parent, name);
      const losses: number[] = [];
      const { finished } = await trainRewardModel(data, {
        kind: "arm",
        base,
        out,
        ...settings,
        ...options,
        onStep: ({ loss }) => losses.push(loss as number),
      }, cpu);
      assert.equal(finished, true);
      assert.ok(losses.at(-1)! < losses[0], name);
      assert.deepEqual((await parametersOf(out)).get("wte.weight"), embeddings);
      await using model = await openRewardModel(out, cpu);
      assert.deepEqual(model.labels, data.labelNames);
      return await parametersOf(out);
    };
    const rad = await train("rad", { kind: "rad" });
    assert.ok(rad.has("lm_head.bias"));
    const teacher = join(parent, "rad");
    const distilled = await train("distilled", { teacher });
    assert.ok(distilled.has("head.prefix_baseline.weight"));
    const plain = await train("plain", { baseline: false, regularizer: 0 });
    assert.equal(plain.has("head.prefix_baseline.weight"), false);
    const published = await train("published", { teacher, published: true });
    assert.notDeepEqual(published, distilled);
    assert.deepEqual(await train("again", { teacher }), distilled);
    assert.notDeepEqual(await train("other seed", { teacher, seed: 1 }), distilled);
  });
});

Deno.test("settings and folders that do not go together are refused before anything is written", async () => {
  await withBase(async (base, parent) => {
    const out = join(parent, "out");
    const refused = async (
      options: Partial<RewardModelOptions>,
      name: string,
      message: string,
    ) => {
      await assert.rejects(
        trainRewardModel(data, { kind: "arm", base, out, ...settings, ...options }, cpu),
        { name, message },
      );
      await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
    };
    const radOnly = "A RAD model has no teacher and no baseline: these settings are an ARM's";
    await refused({ kind: "rad", baseline: false }, "TypeError", radOnly);
    await refused({ kind: "rad", teacher: base }, "TypeError", radOnly);
    await refused(
      { teacher: base },
      "TypeError",
      `A teacher must be a RAD model, but '${base}' holds a model of kind lm`,
    );
    const arm = await writeTinyModel(parent, "arm");
    await refused(
      { base: arm },
      "TypeError",
      `The base '${arm}' must be a language model, but holds a model of kind arm`,
    );
    const rad = await writeTinyModel(parent, "rad");
    await refused(
      { teacher: rad },
      "RangeError",
      "The teacher has 61 tokens and the base model 300: they must share a tokenizer",
    );
    await refused(
      { published: true, parts: 2 },
      "TypeError",
      "Losses as published depend on the padding of the whole batch: compute it in one part",
    );
  });
});

Deno.test("a distilled ARM has its teacher's labels, whatever labels the texts have", async () => {
  await withBase(async (base, parent) => {
    const { config } = backboneSpecOf(await openModelFolder(base));
    const spec = { kind: "rad", config, labels: ["tidy"] } as const;
    const teacher = join(parent, "tidy");
    await writeModelFolder(teacher, {
      config: modelSpecJson(spec),
      shapes: shapesOf(spec),
      values: randomParameters(spec, 1),
    });
    const out = join(parent, "arm");
    await trainRewardModel(
      data,
      { kind: "arm", base, out, teacher, ...settings, maxSteps: 2 },
      cpu,
    );
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual(model.labels, ["tidy"]);
  });
});
