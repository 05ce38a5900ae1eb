import assert from "node:assert/strict";
import { join } from "node:path";
import type { LabelledTexts } from "../../lib/data/labelled_texts.ts";
import type { MetricsRow } from "../../lib/train/metrics_row.ts";
import { openBase } from "../../lib/bases/open_base.ts";
import { createWorld } from "../../lib/data/world/world.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { rateTexts } from "../../lib/methods/rate_prefixes.ts";
import { mergeAdapter } from "../../lib/methods/merge_adapter.ts";
import { trainRewardModel } from "../../lib/methods/train_reward_model.ts";
import { loadTokenizer, type Tokenizer } from "../../lib/data/tokenizer.ts";
import { Random } from "../../lib/random.ts";
import { trainLanguageModel } from "../../lib/train/train_language_model.ts";
import { openSafetensors } from "../../lib/weights/safetensors.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const world = createWorld();
const random = new Random(1, "texts");
const samples = Array.from({ length: 60 }, () => world.sample(random));
const data: LabelledTexts = {
  texts: samples.map(({ text }) => text),
  labels: Float32Array.from(samples.map(({ positive }) => +positive)),
  labelNames: ["positive"],
  skipped: 0,
};
const settings = { learningRate: 1e-2, epochs: 2, batchSize: 20, lora: { rank: 2 } };

async function withBase(test: (base: string, parent: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const base = join(parent, "base");
    await trainLanguageModel(data.texts, cpu, {
      out: base,
      vocabularySize: 300,
      contextLength: 40,
      width: 16,
      layers: 2,
      heads: 2,
      maxSteps: 2,
    });
    await test(base, parent);
  });
}

/** What a reward model says of some texts. */
async function ratingsOf(folder: string, tokenizer: Tokenizer): Promise<number[]> {
  await using model = await openRewardModel(folder, cpu);
  const ids = data.texts.slice(0, 3).map((text) => tokenizer.encode(text).slice(0, 30));
  return await rateTexts(model, ids, "positive");
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("every kind trains as an adapter and its head, and rates as the merged model does", async () => {
  await withBase(async (base, parent) => {
    const tokenizer = await loadTokenizer(base);
    for (const kind of ["arm", "rad", "fudge", "gedi"] as const) {
      const out = join(parent, kind);
      const losses: number[] = [];
      const onStep = ({ loss }: MetricsRow) => losses.push(loss as number);
      await trainRewardModel(data, cpu, { kind, base, out, ...settings, onStep });
      assert.ok(losses.at(-1)! < losses[0], `${kind}: ${losses}`);
      assert.deepEqual(namesIn(out).filter((name) => name.endsWith(".safetensors")), [
        "adapter_model.safetensors",
        "optimizer.safetensors",
      ]);
      const merged = join(parent, `${kind}-merged`);
      await mergeAdapter(out, merged);
      assert.equal(namesIn(merged).includes("model.safetensors"), true);
      assert.equal(namesIn(merged).includes("adapter_config.json"), false);
      const [adapted, whole] = [
        await ratingsOf(out, tokenizer),
        await ratingsOf(merged, await loadTokenizer(merged)),
      ];
      assert.ok(largestDifference(adapted, whole) < 1e-5, `${kind}: ${adapted} ${whole}`);
      await assert.rejects(mergeAdapter(merged, join(parent, "again")), {
        message:
          `'${merged}' holds a whole model, neither an adapter nor one that shares a trunk: it can be used as it is.`,
      });
    }
  });
});

Deno.test("a stopped LoRA run goes on to the same bits, a finished one with more epochs, and a checkpoint holds what trains", async () => {
  await withBase(async (base, parent) => {
    const [whole, stopped] = ["whole", "stopped"].map((name) => join(parent, name));
    const weightsOf = async (folder: string) =>
      await Deno.readFile(join(folder, "adapter_model.safetensors"));
    const run = { kind: "arm", base, ...settings, checkpointEvery: 2 } as const;
    await trainRewardModel(data, cpu, { ...run, out: whole });
    const stop = new AbortController();
    const { finished } = await trainRewardModel(data, cpu, {
      ...run,
      out: stopped,
      signal: stop.signal,
      onStep: ({ step }) => step === 3 && stop.abort(),
    });
    assert.equal(finished, false);
    const { tensors } = await openSafetensors(join(stopped, "checkpoint.safetensors"));
    const isOfAdapterOrHead = (name: string) => /lora_[AB]\.weight$|\bhead\./.test(name);
    assert.deepEqual([...tensors.keys()].filter((name) => !isOfAdapterOrHead(name)), []);
    assert.equal(tensors.size, 3 * (2 * 4 * 2 + 2));
    await trainRewardModel(data, cpu, { ...run, out: stopped, resume: true });
    assert.deepEqual(await weightsOf(stopped), await weightsOf(whole));

    const longer = join(parent, "longer");
    await trainRewardModel(data, cpu, { ...run, out: longer, epochs: 3 });
    await trainRewardModel(data, cpu, { ...run, out: stopped, epochs: 3, resume: true });
    assert.deepEqual(await weightsOf(stopped), await weightsOf(longer));
    await assert.rejects(
      trainRewardModel(data, cpu, {
        ...run,
        out: longer,
        lora: { rank: 3 },
        epochs: 3,
        resume: true,
      }),
      /lora\.rank: 2 before, 3 now; lora\.alpha: 4 before, 6 now/,
    );
  });
});

Deno.test("a language model is adapted too, steered by name of its folder, and replaces a whole model or is replaced by one", async () => {
  await withBase(async (base, parent) => {
    const out = join(parent, "adapted");
    const run = { init: base, out, epochs: 1, overwrite: true } as const;
    await trainLanguageModel(data.texts, cpu, {
      ...run,
      lora: { rank: 2, targetModules: ["c_attn"], rslora: true },
    });
    const { r, lora_alpha, use_rslora, target_modules, fan_in_fan_out, base_model_name_or_path } =
      JSON.parse(
        await Deno.readTextFile(join(out, "adapter_config.json")),
      );
    assert.deepEqual(
      { r, lora_alpha, use_rslora, target_modules, fan_in_fan_out, base_model_name_or_path },
      {
        r: 2,
        lora_alpha: 4,
        use_rslora: true,
        target_modules: ["c_attn"],
        fan_in_fan_out: true,
        base_model_name_or_path: "../base",
      },
    );
    const { tensors } = await openSafetensors(join(out, "adapter_model.safetensors"));
    assert.deepEqual(
      tensors.get("base_model.model.transformer.h.1.attn.c_attn.lora_B.weight")?.shape,
      [48, 2],
    );
    const opened = await openBase(out, cpu);
    await opened.base[Symbol.asyncDispose]();
    await trainLanguageModel(data.texts, cpu, run);
    assert.equal(namesIn(out).includes("adapter_config.json"), false);
    await trainLanguageModel(data.texts, cpu, { ...run, lora: {} });
    assert.equal(namesIn(out).includes("model.safetensors"), false);
    // an adapter trains on as the model that it is
    await trainLanguageModel(data.texts, cpu, { ...run, init: out, out: join(parent, "further") });
  });
});

Deno.test("what LoRA does not go with is an error", async () => {
  await withBase(async (base, parent) => {
    const run = { kind: "arm", base, out: join(parent, "out"), ...settings } as const;
    await assert.rejects(trainRewardModel(data, cpu, { ...run, trainEmbeddings: true }), {
      name: "TypeError",
      message:
        "'trainEmbeddings' does not go with 'lora', which adapts the base model as it is: leave one of them out",
    });
    await assert.rejects(trainRewardModel(data, cpu, { ...run, kind: "pplm" }), {
      name: "TypeError",
      message:
        "A model of kind pplm is a head on a base model that stays as it is, so 'lora' has nothing to adapt: leave it out",
    });
    await assert.rejects(trainRewardModel(data, cpu, { ...run, lora: { dropout: 0.1 } as never }), {
      name: "TypeError",
      message:
        "trainRewardModel has no option 'dropout' in 'lora'; there are rank, alpha, targetModules, rslora.",
    });
    await assert.rejects(
      trainLanguageModel(data.texts, cpu, { out: join(parent, "out"), lora: { rank: 2 } }),
      { message: "'lora' adapts the language model that 'init' names: name one" },
    );
  });
});
