import assert from "node:assert/strict";
import { join } from "node:path";
import type { LabelledTexts } from "../../lib/data/labelled_texts.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { createWorld } from "../../lib/data/world/world.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { openLikelihoodJudge } from "../../lib/eval/likelihood.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { Random } from "../../lib/random.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { trainLanguageModel } from "../../lib/train/train_language_model.ts";
import type { RewardModelOptions } from "../../lib/methods/reward_model_options.ts";
import { trainRewardModel } from "../../lib/methods/train_reward_model.ts";
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

const settings = { learningRate: 1e-2, epochs: 2, batchSize: 20 };

/** Runs `test` with a base model of the small world, trained for a few steps. */
async function withBase(test: (base: string, parent: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const base = join(parent, "base");
    await trainLanguageModel(data.texts, cpu, {
      ...settings,
      out: base,
      vocabularySize: 300,
      contextLength: 40,
      width: 16,
      layers: 1,
      heads: 2,
      maxSteps: 2,
    });
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
      const { finished } = await trainRewardModel(data, cpu, {
        kind: "arm",
        base,
        out,
        ...settings,
        ...options,
        onStep: ({ loss }) => losses.push(loss as number),
      });
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
    const controller = new AbortController();
    const out = join(parent, "again");
    // in the second epoch
    const stopAt = ({ step }: { step: number }) => step === 8 && controller.abort();
    const same = { ...settings, kind: "arm", base, out, teacher } as const;
    await trainRewardModel(data, cpu, { ...same, signal: controller.signal, onStep: stopAt });
    await trainRewardModel(data, cpu, { ...same, resume: true });
    assert.deepEqual(await parametersOf(out), distilled);
    assert.notDeepEqual(await train("other seed", { teacher, seed: 1 }), distilled);
  });
});

Deno.test("with trainEmbeddings the output embeddings train, and the model says so wherever it is opened", async () => {
  await withBase(async (base, parent) => {
    const { "wte.weight": embeddings } = Object.fromEntries(await parametersOf(base));
    for (const kind of ["arm", "rad", "fudge"] as const) {
      const out = join(parent, kind);
      await trainRewardModel(data, cpu, { kind, base, out, ...settings, trainEmbeddings: true });
      assert.notDeepEqual((await parametersOf(out)).get("wte.weight"), embeddings);
      const spec = backboneSpecOf(await openModelFolder(out));
      assert.ok("trainedEmbeddings" in spec && spec.trainedEmbeddings);
      await using model = await openRewardModel(out, cpu);
      assert.deepEqual(model.labels, data.labelNames);
    }
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
        trainRewardModel(data, cpu, { kind: "arm", base, out, ...settings, ...options }),
        { name, message },
      );
      await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
    };
    await refused(
      { kind: "rad", baseline: false },
      "TypeError",
      "'baseline' is a setting of kind arm and rectification, not of rad",
    );
    await refused(
      { kind: "fudge", published: true },
      "TypeError",
      "'published' is a setting of kind arm and rad, not of fudge",
    );
    await refused(
      { kind: "dexperts", codes: ["a", "b"] },
      "TypeError",
      "'codes' is a setting of kind gedi, not of dexperts",
    );
    await refused(
      { kind: "gedi", generativeWeight: 1.5 },
      "RangeError",
      "trainRewardModel: 'generativeWeight' must be a number from 0 to 1, not 1.5.",
    );
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
      { published: true, accumulationSteps: 2 },
      "TypeError",
      "Losses as published depend on the padding of the whole batch: compute it in one part",
    );
  });
});

Deno.test("a mistyped ablation, a former name and a forgotten device are errors that name the right ones", async () => {
  await withTemporaryFolder(async (out) => {
    const given = { kind: "arm", base: out, out, ...settings } as const;
    const refused = (options: object, message: RegExp) =>
      assert.rejects(trainRewardModel(data, cpu, { ...given, ...options }), {
        name: "TypeError",
        message,
      });
    await refused(
      { regularisation: 0, base_line: false },
      /'regularisation': did you mean 'regularizer'\?$/,
    );
    await refused({ base_line: false }, /'base_line': did you mean 'baseline'\?$/);
    await refused({ rate: 1e-3 }, /no option 'rate': it is called 'learningRate'\.$/);
    await refused({ parts: 2 }, /no option 'parts': it is called 'accumulationSteps'\.$/);
    await assert.rejects(
      trainRewardModel(data, given as never, undefined as never),
      /^TypeError: trainRewardModel: 'device' must be a device, from await openDevice\(\), not an object\.$/,
    );
    await assert.rejects(
      trainRewardModel("reviews.tsv" as never, cpu, given),
      /^TypeError: trainRewardModel: 'data' must be labelled texts, from await readLabelledTexts\(\)/,
    );
    assert.deepEqual([...Deno.readDirSync(out)], []);
  });
});

/** The texts with their label `positive` alone. */
const positive: LabelledTexts = {
  ...data,
  labels: data.labels.filter((_, i) => i % 2 === 0),
  labelNames: ["positive"],
};

Deno.test("FUDGE learns several labels, from the base and with its embeddings", async () => {
  await withBase(async (base, parent) => {
    const out = join(parent, "fudge");
    const words = ["wonderful", "hopeless", "fine"];
    const easy: LabelledTexts = {
      ...data,
      texts: Array.from({ length: 120 }, (_, i) => words[i % 3]),
      labels: Float32Array.from({ length: 240 }, (_, i) => [1, 0, 0, 0, 1, 1][i % 6]),
    };
    const losses: number[] = [];
    await trainRewardModel(easy, cpu, {
      kind: "fudge",
      base,
      out,
      ...settings,
      epochs: 10,
      onStep: ({ loss }) => losses.push(loss as number),
    });
    assert.ok(losses[0] > 0.5 && losses.at(-1)! < 0.05, `${losses[0]} to ${losses.at(-1)}`);
    const embeddings = (path: string) =>
      parametersOf(path).then((values) => values.get("wte.weight"));
    assert.deepEqual(await embeddings(out), await embeddings(base));
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual([model.kind, model.labels], ["fudge", data.labelNames]);
  });
});

Deno.test("GeDi learns to tell its classes apart, after the codes that were chosen", async () => {
  await withBase(async (base, parent) => {
    const train = async (name: string, options: Partial<RewardModelOptions>) => {
      const out = join(parent, name);
      const losses: Record<string, number> = {};
      await trainRewardModel(positive, cpu, {
        kind: "gedi",
        base,
        out,
        ...settings,
        epochs: 15,
        ...options,
        onStep: ({ generative, discriminative }) =>
          Object.assign(losses, { generative, discriminative }),
      });
      const spec = backboneSpecOf(await openModelFolder(out));
      assert.ok(spec.kind === "gedi");
      return { losses, codes: spec.codes };
    };
    const tokenizer = await loadTokenizer(base);
    const first = (word: string) => tokenizer.encode(word)[0];
    const one = await train("gedi", {});
    assert.deepEqual(one.codes, [first("true"), first("false")]);
    const other = await train("other", { codes: ["good", "bad"], generativeWeight: 0.2 });
    assert.deepEqual(other.codes, [first("good"), first("bad")]);
    // a coin would have ln 2
    assert.ok(other.losses.discriminative < 0.6, `${other.losses.discriminative}`);
    assert.ok(other.losses.discriminative < one.losses.discriminative);
    assert.ok(one.losses.generative < other.losses.generative);
  });
});

Deno.test("an expert and an anti-expert each learn the texts of their class", async () => {
  await withBase(async (base, parent) => {
    const out = join(parent, "pair");
    const result = await trainRewardModel(positive, cpu, {
      kind: "dexperts",
      base,
      out,
      ...settings,
      epochs: 15,
      holdOut: 0,
    });
    assert.equal(result.finished, true);
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual([model.kind, model.labels], ["dexperts", ["positive"]]);
    const tokenizer = await loadTokenizer(out);
    const likelihoods = async (folder: string) => {
      await using judge = await openLikelihoodJudge(join(out, folder), cpu);
      const ids = positive.texts.map((text) => tokenizer.encode(text).slice(0, 39));
      return await judge.negativeLogLikelihoods(ids.map((ids) => ({ prompt: [], ids })));
    };
    const [expert, antiExpert] = [await likelihoods("expert"), await likelihoods("antiexpert")];
    const told = positive.texts.filter((_, i) =>
      (expert[i] < antiExpert[i]) === (positive.labels[i] >= 0.5)
    );

    assert.ok(told.length > 0.8 * positive.texts.length, `${told.length}`);
  });
});

Deno.test("a pair of experts that was stopped goes on, and is a pair as soon as both are there", async () => {
  await withBase(async (base, parent) => {
    const out = join(parent, "pair");
    const train = (options: Partial<RewardModelOptions> = {}) =>
      trainRewardModel(positive, cpu, { kind: "dexperts", base, out, ...settings, ...options });
    const stopAfter = (steps: number) => {
      const controller = new AbortController();
      const onStep = () => --steps === 0 && controller.abort();
      return { signal: controller.signal, onStep };
    };
    const whole = join(parent, "whole");
    const { steps, evaluation } = await train({ out: whole });
    // within the expert, and within the anti-expert
    assert.equal((await train(stopAfter(2))).finished, false);
    await using expert = await openBaseModel(join(out, "expert"), cpu);
    assert.ok(expert.vocabulary > 0);
    await assert.rejects(openRewardModel(out, cpu), /config\.json/);
    await assert.rejects(train(), {
      message: /expert' holds the checkpoint of a run that did not end: go on with --resume/,
    });
    assert.equal((await train({ ...stopAfter(steps / 2), resume: true })).finished, false);
    await using stopped = await openRewardModel(out, cpu);
    assert.equal(stopped.kind, "dexperts");
    await assert.rejects(train(), /antiexpert' holds the checkpoint/);

    assert.equal((await train({ resume: true })).finished, true);
    for (const folder of ["expert", "antiexpert"]) {
      const weights = (path: string) => Deno.readFile(join(path, folder, "model.safetensors"));
      assert.deepEqual(await weights(out), await weights(whole));
    }
    const again = await train({ resume: true });
    assert.deepEqual([again.steps, again.finished, again.evaluation], [0, true, evaluation]);
    const series = new Set(again.curve.map(({ series }) => series));
    assert.deepEqual([...series].filter((name) => name.endsWith("training")), [
      "expert, training",
      "antiexpert, training",
    ]);
  });
});

Deno.test("texts that are no two classes of one label are refused by GeDi and DExperts", async () => {
  await withBase(async (base, parent) => {
    const out = join(parent, "out");
    for (const kind of ["gedi", "dexperts"] as const) {
      const refused = async (data: LabelledTexts, message: string) => {
        await assert.rejects(trainRewardModel(data, cpu, { kind, base, out, ...settings }), {
          name: "RangeError",
          message,
        });
        await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
      };
      await refused(
        data,
        "This kind of model learns one label, but there are 2 (positive, rude): choose one",
      );
      const all = (label: number) => ({ ...positive, labels: positive.labels.map(() => label) });
      await refused(
        all(0.4),
        "No text has the label 'positive' at 0.5 or above: there is nothing to learn",
      );
      await refused(
        all(0.5),
        "No text has the label 'positive' below 0.5: there is nothing to learn",
      );
    }
    await assert.rejects(
      trainRewardModel(positive, cpu, {
        kind: "gedi",
        base,
        out,
        ...settings,
        codes: ["good", "good"],
      }),
      {
        name: "RangeError",
        message: "The control codes 'good' and 'good' do not begin with different tokens: " +
          "choose other words",
      },
    );
  });
});

Deno.test("a distilled ARM has its teacher's labels, whatever labels the texts have", async () => {
  await withBase(async (base, parent) => {
    const { backbone } = backboneSpecOf(await openModelFolder(base));
    const spec = { kind: "rad", backbone, labels: ["tidy"] } as const;
    const teacher = join(parent, "tidy");
    await writeModelFolder(teacher, {
      config: modelSpecJson(spec),
      shapes: shapesOf(spec),
      values: randomParameters(spec, 1),
    });
    const out = join(parent, "arm");
    await trainRewardModel(data, cpu, {
      kind: "arm",
      base,
      out,
      teacher,
      ...settings,
      maxSteps: 2,
    });
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual(model.labels, ["tidy"]);
  });
});
