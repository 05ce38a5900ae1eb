import assert from "node:assert/strict";
import { join } from "node:path";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { generate, type Guide } from "../../lib/decode/generate.ts";
import type { GenerateOptions } from "../../lib/decode/generate_options.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { byText } from "../../lib/methods/by_text/by_text.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import type { RewardModel } from "../../lib/methods/reward_model.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { Tokenization } from "../../lib/tokenization/tokenization.ts";
import { loadTrained, writeModel } from "../methods/by_text/two_tokenizers.ts";
import { otherModelTypes, smallBackbone } from "../models/random_backbone.ts";
import { cpu } from "../run_graph.ts";
import { webgpuTest } from "../runtime/webgpu.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { specsOf, writeRandomModel } from "./random_models.ts";

/** A tokenizer whose tokens are one character each, so that any of them are the tokens of their text. */
function letterTokenizer(count: number): Tokenizer {
  const letters = ["▁", ..."abcdefghijklmnopqrstuvwxyz"].slice(0, count);
  const tokenization = new Tokenization({
    normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
    decoder: {
      type: "Sequence",
      decoders: [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "Fuse" }],
    },
    model: {
      type: "BPE",
      vocab: Object.fromEntries(letters.map((letter, id) => [letter, id])),
      merges: [],
    },
  });
  assert.ok(tokenization.cutsBeforeBlanks);
  return {
    vocabSize: count,
    endOfText: count - 1,
    cutsBeforeBlanks: true,
    token: (id) => tokenization.tokens[id]!,
    bytes: (id) => tokenization.bytes(id),
    encode: (text) => tokenization.encode(text),
    decode: (ids) => tokenization.decode(ids),
  };
}

const backbones = {
  gpt2: gpt2Backbone({ vocabulary: 23, context: 16, width: 24, layers: 2, heads: 4 }),
  ...Object.fromEntries(otherModelTypes.map((type) => [type, smallBackbone(type)])),
};

/** Steers by models of the same tokens, read as they are on the CPU, and as text on a device. */
async function checkSameTokens(backbone: Backbone, device: Device): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const tokenizer = letterTokenizer(23);
    const specs = specsOf(backbone);
    const path = async (name: keyof typeof specs, seed: number) =>
      await writeRandomModel(join(folder, name), specs[name], seed);
    await using base = await openBaseModel(await path("base", 1), cpu);
    const paths = {
      arm: await path("arm", 2),
      rad: await path("rad", 3),
      gedi: await path("gedi", 4),
    };
    await using opened = new AsyncDisposableStack();
    const open = async (path: string) => opened.use(await openRewardModel(path, cpu));
    const asText = async (path: string): Promise<RewardModel> =>
      opened.use(byText(await openRewardModel(path, device), {
        own: tokenizer,
        base: tokenizer,
        rule: "text",
        difference: "",
      }));
    const generated = async (open: (path: string) => Promise<RewardModel>) => {
      const guides: Guide[] = [
        { model: await open(paths.arm), steering: [{ label: "kind", beta: 9 }] },
        { model: await open(paths.rad), steering: [{ label: "kind", beta: 6, inverse: true }] },
        { model: await open(paths.gedi), steering: [{ label: "kind", beta: 2 }] },
      ];
      const prompts = [[3, 1, 0, 1, 5, 9, 2], [6], [5, 0, 5], []];
      const options = { topK: 9, samples: 2, maxNewTokens: 6, ends: [], seed: 3 };
      return await Promise.all(
        [guides, guides.slice(0, 1), guides.slice(1, 2)].map((guides) =>
          generate(base, prompts, { ...options, guides, together: false })
        ),
      );
    };
    const [direct, read] = [await generated(open), await generated(asText)];
    for (const [i, { continuations, backboneCalls }] of read.entries()) {
      assert.deepEqual(continuations, direct[i].continuations);
      // no way parts from another here, so that each candidate is one more token
      assert.deepEqual(backboneCalls, direct[i].backboneCalls);
    }
  });
}

for (const [name, backbone] of Object.entries(backbones)) {
  Deno.test(`${name}: what is read as text of the same tokens steers to the same tokens`, async () => {
    await checkSameTokens(backbone, cpu);
  });
}

webgpuTest("what is read as text steers to the tokens of the CPU", async (device) => {
  await checkSameTokens(backbones.gpt2, device);
});

/** Runs `test` with a base model, and a way to open a reward model of another tokenizer. */
async function withOthers(
  test: (
    opened: {
      open: (kind: "arm" | "rad" | "gedi", retokenize?: "text" | "candidate") => Promise<Guide>;
      texts: (guides: Guide[], options?: GenerateOptions) => ReturnType<typeof generateTexts>;
    },
  ) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await using opened = new AsyncDisposableStack();
    const base = opened.use(await openBaseModel(await writeModel(folder, "lm", "base"), cpu));
    const tokenizer = (await loadTrained(folder)).base;
    await test({
      open: async (kind, retokenize) => {
        const path = await writeModel(folder, kind, "own");
        const options = { baseTokenizer: tokenizer, retokenize };
        const model = opened.use(await openRewardModel(path, cpu, options));
        return { model, steering: [{ label: "kind", beta: 40 }] };
      },
      texts: (guides, options) =>
        generateTexts(base, tokenizer, ["the film was", "a", "", "naïve 日本"], {
          ...{ guides, samples: 3, maxNewTokens: 8, topK: 12, seed: 2, ends: [], progress: false },
          ...options,
        }),
    });
  });
}

Deno.test("a reward model of another tokenizer steers, whatever the batches, and its calls are counted", async () => {
  await withOthers(async ({ open, texts }) => {
    const guides = [await open("arm"), await open("rad"), await open("gedi")];
    const { ids, backboneCalls, texts: written } = await texts(guides);
    assert.deepEqual((await texts(guides, { batchSize: 1 })).ids, ids);
    assert.notDeepEqual((await texts([])).ids, ids);
    const [arm, rad, gedi] = backboneCalls;
    assert.ok(1 < arm && arm < 12, `${arm} calls of the ARM for 12 candidates`);
    assert.ok(arm < rad && rad <= 12, `${rad} calls of RAD`);
    assert.equal(gedi, 2 * arm);
    assert.equal(written.length, 4);
  });
});

Deno.test("RAD's fast rule makes tokens of each candidate by itself", async () => {
  await withOthers(async ({ open, texts }) => {
    const fast = await texts([await open("rad", "candidate")]);
    assert.notDeepEqual(fast.ids, (await texts([await open("rad", "text")])).ids);
    assert.deepEqual(fast.finished, true);
  });
});

Deno.test("what does not go with candidates that are read as text is refused in one sentence", async () => {
  await withOthers(async ({ open, texts }) => {
    const guides = [await open("arm")];
    await assert.rejects(texts(guides, { rated: "vocabulary" }), {
      name: "TypeError",
      message:
        "A model of kind arm with another tokenizer than the base model's reads candidates as text, so it cannot rate the whole vocabulary: rate the top k",
    });
    await assert.rejects(texts(guides, { maxNewTokens: 90 }), {
      name: "RangeError",
      message:
        /^Text \d+, in the reward model's own tokens, has 97 tokens, but only 96 fit into the context: shorten the prompt, or ask for fewer new tokens$/,
    });
  });
});
