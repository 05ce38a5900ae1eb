import assert from "node:assert/strict";
import { join } from "node:path";
import type { LabelledTexts } from "../../lib/data/labelled_texts.ts";
import { readTokenizedTexts, writeTokenizedTexts } from "../../lib/data/tokenized_texts.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { sampleWorldCorpus } from "../../lib/data/world/sample_world_corpus.ts";
import type { RewardModelOptions } from "../../lib/methods/reward_model_options.ts";
import { trainRewardModel } from "../../lib/methods/train_reward_model.ts";
import { writeTinyModels } from "../cli/tiny_inputs.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const { texts, positive, rude } = sampleWorldCorpus({ seed: 2, texts: 60 });
const data: LabelledTexts = {
  texts,
  labels: Float32Array.from(texts.flatMap((_, i) => [positive[i], rude[i]])),
  labelNames: ["positive", "rude"],
  skipped: 0,
};

/** Texts in batches of a size, one more without any token among them. */
async function* batchesOf(size: number): AsyncGenerator<LabelledTexts> {
  await Promise.resolve();
  for (let start = 0; start < texts.length; start += size) {
    const end = Math.min(start + size, texts.length);
    yield {
      ...data,
      texts: ["", ...texts.slice(start, end)],
      labels: Float32Array.of(0, 0, ...data.labels.subarray(2 * start, 2 * end)),
      skipped: 1,
    };
  }
}

const settings = { learningRate: 1e-2, epochs: 1, batchSize: 20 } as const;

function train(
  folder: string,
  name: string,
  texts: Parameters<typeof trainRewardModel>[0],
  options: Partial<RewardModelOptions> = {},
) {
  const base = join(folder, "base");
  const out = join(folder, name);
  return trainRewardModel(texts, cpu, { ...settings, kind: "arm", base, out, ...options });
}

Deno.test("token ids of a corpus train the same model as its texts", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base } = await writeTinyModels(folder);
    const tokenizer = await loadTokenizer(base);
    await writeTokenizedTexts(folder, batchesOf(25), tokenizer, data.labelNames);
    const tokenized = await readTokenizedTexts(folder);
    const examples = tokenized.examples(6);
    assert.deepEqual([...examples[30].ids], tokenizer.encode(texts[30]).slice(0, 6));
    assert.deepEqual([...examples[59].labels], [...data.labels.subarray(118)]);
    assert.equal(examples.length, 60);
    const about = JSON.parse(await Deno.readTextFile(join(folder, "tokenized.json")));
    assert.deepEqual([about.texts, about.skipped], [60, 6]);
    await train(folder, "from-texts", data);
    await train(folder, "from-tokens", tokenized);
    assert.deepEqual(
      await Deno.readFile(join(folder, "from-tokens", "model.safetensors")),
      await Deno.readFile(join(folder, "from-texts", "model.safetensors")),
    );
    await assert.rejects(train(folder, "x", tokenized, { kind: "gedi" }), /texts, not on token id/);
    await assert.rejects(
      train(folder, "x", { ...tokenized, vocabulary: 1e5 }),
      /tokens of a vocabulary of 100000, and the base model has 400/,
    );
    await Deno.truncate(join(folder, "tokens.bin"), 100);
    await assert.rejects(readTokenizedTexts(folder), /tokens\.bin': it has 100 bytes, but should/);
  });
});

Deno.test("a reward model goes on from another one of its kind, and from no other", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTinyModels(folder);
    await train(folder, "first", data);
    const init = join(folder, "first");
    // so small a rate changes nothing that float32 can hold
    await train(folder, "second", data, { init, learningRate: 1e-30, weightDecay: 0 });
    assert.deepEqual(
      await Deno.readFile(join(folder, "second", "model.safetensors")),
      await Deno.readFile(join(init, "model.safetensors")),
    );
    const refused = /first' holds another model \(arm\) than the one to train \((arm|rad)\)/;
    await assert.rejects(train(folder, "x", data, { init, kind: "rad" }), refused);
    await assert.rejects(train(folder, "x", data, { init, baseline: false }), refused);
    const other = { ...data, labelNames: ["kind", "rude"] };
    await assert.rejects(train(folder, "x", other, { init }), refused);
    await assert.rejects(train(folder, "x", data, { init, kind: "dexperts" }), TypeError);
  });
});
