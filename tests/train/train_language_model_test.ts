import assert from "node:assert/strict";
import { join } from "node:path";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { createWorld } from "../../lib/data/world/world.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { Random } from "../../lib/random.ts";
import { trainLanguageModel } from "../../lib/train/train_language_model.ts";
import type { LanguageModelOptions } from "../../lib/train/language_model_options.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyModel } from "../tiny_models.ts";

const world = createWorld();
const random = new Random(1, "texts");
const texts = Array.from({ length: 300 }, () => world.sample(random).text);

const options: Omit<LanguageModelOptions, "out"> = {
  vocabularySize: 400,
  contextLength: 64,
  width: 32,
  layers: 1,
  heads: 2,
  learningRate: 3e-3,
  schedule: "constant",
  warmupSteps: 0,
  epochs: 4,
  batchSize: 20,
};

Deno.test("a language model learns, and its folder opens as base model with its own tokenizer", async () => {
  await withTemporaryFolder(async (out) => {
    const losses: number[] = [];
    const result = await trainLanguageModel(texts, cpu, {
      ...options,
      out,
      onStep: ({ loss }) => losses.push(loss as number),
    });
    assert.equal(result.finished, true);
    assert.ok(losses.at(-1)! < losses[0] - 1.5, `${losses[0]} to ${losses.at(-1)}`);
    assert.ok(result.evaluation!.loss < losses[0] - 1.5);

    const tokenizer = await loadTokenizer(out);
    await using base = await openBaseModel(out, cpu);
    assert.equal(base.vocabulary, tokenizer.vocabSize);
    assert.deepEqual(base.ends, [tokenizer.endOfText]);
    const { texts: generated } = await generateTexts(base, tokenizer, ["the"], { samples: 2 });
    assert.equal(generated[0].continuations.length, 2);
  });
});

Deno.test("training goes on from a model, with its tokenizer and sizes", async () => {
  await withTemporaryFolder(async (folder) => {
    const [init, out, other] = ["init", "out", "other"].map((name) => join(folder, name));
    const first = await trainLanguageModel(texts, cpu, { ...options, out: init });
    const losses: number[] = [];
    const { learningRate } = options;
    await trainLanguageModel(texts, cpu, {
      init,
      out,
      learningRate,
      epochs: 1,
      onStep: ({ loss }) => losses.push(loss as number),
    });
    assert.ok(losses[0] < first.evaluation!.loss + 0.5, `${losses[0]}`);
    for (const file of ["config.json", "tokenizer.json"]) {
      const read = async (path: string) => JSON.parse(await Deno.readTextFile(join(path, file)));
      const without = ({ armature: _, ...rest }: Record<string, unknown>) => rest;
      assert.deepEqual(without(await read(out)), without(await read(init)));
    }
    const refused = (wrong: Partial<LanguageModelOptions>, message: string) =>
      assert.rejects(trainLanguageModel(texts, cpu, { init, out: other, learningRate, ...wrong }), {
        name: "TypeError",
        message,
      });
    await refused({ width: 32 }, "The initial model decides 'width': leave it out");
    await refused({ tokenizer: init }, "The initial model decides 'tokenizer': leave it out");
    const arm = await writeTinyModel(folder, "arm");
    await refused(
      { init: arm },
      `The base '${arm}' must be a language model, but holds a model of kind arm`,
    );
  });
});

Deno.test("sizes that do not fit, and no texts, are refused", async () => {
  await withTemporaryFolder(async (out) => {
    const refused = (
      texts: readonly string[],
      wrong: Partial<LanguageModelOptions>,
      message: string,
    ) =>
      assert.rejects(trainLanguageModel(texts, cpu, { ...options, ...wrong, out }), {
        name: "RangeError",
        message,
      });
    await refused([], {}, "There are no texts to train on");
    await refused(
      texts,
      { width: 30, heads: 4 },
      "Cannot split width 30 into 4 heads: choose a " +
        "multiple",
    );
    assert.deepEqual([...Deno.readDirSync(out)], []);
  });
});

Deno.test("a run that is refused leaves the tokenizer of a model there as it was", async () => {
  await withTemporaryFolder(async (out) => {
    await trainLanguageModel(texts, cpu, { ...options, out, epochs: 1 });
    const before = await Deno.readTextFile(`${out}/tokenizer.json`);
    await Deno.writeTextFile(`${out}/checkpoint.safetensors`, "of another run");
    await assert.rejects(
      trainLanguageModel(texts, cpu, { ...options, out, vocabularySize: 300, epochs: 1 }),
      /holds the checkpoint of a run that did not end/,
    );
    assert.equal(await Deno.readTextFile(`${out}/tokenizer.json`), before);
  });
});
