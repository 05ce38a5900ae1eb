import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { openBase } from "../../lib/bases/open_base.ts";
import {
  add,
  gemm,
  matmul,
  mul,
  reshape,
  square,
  sub,
  sumAll,
  unsqueeze,
} from "../../lib/graph/ops/mod.ts";
import { overLabels } from "../../lib/loss/labels.ts";
import type { Method } from "../../lib/methods/method.ts";
import { defineMethod } from "../../lib/methods/mod.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { initialize } from "../../lib/models/initialization.ts";
import {
  type HeadedSpec,
  modelSpecJson,
  parseModelSpec,
  shapesOf,
} from "../../lib/methods/model_spec.ts";
import { trainReward } from "../../lib/cli/train_reward.ts";
import type { HeadSizes, RewardHead } from "../../lib/methods/reward_head.ts";
import { Random } from "../../lib/random.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { rateTexts } from "../../lib/methods/rate_prefixes.ts";
import { rewardObjective } from "../../lib/methods/next_token_objective.ts";
import { trainMethod } from "../../lib/methods/train_method.ts";
import { trainRewardModel } from "../../lib/methods/train_reward_model.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** ⟨U D h, e⟩ + ⟨h, w⟩ + b: the ARM's marginal through a matrix of low rank, and a baseline with a bias. */
function lowRankHead(
  { labels, width }: HeadSizes,
  { rank }: { readonly rank: number },
): RewardHead {
  const shapes = new Map([
    ["head.down.weight", [rank, width]],
    ["head.up.weight", [labels * width, rank]],
    ["head.baseline.weight", [labels, width]],
    ["head.baseline.bias", [labels]],
  ]);
  return {
    shapes,
    rewards(parameters, hidden, embeddings) {
      const get = (name: string) => parameters(name, shapes.get(name)!);
      const down = gemm(hidden, get("head.down.weight"), { transposeB: true });
      const up = gemm(down, get("head.up.weight"), { transposeB: true });
      const projected = reshape(up, [hidden.shape[0], labels, width]);
      const bias = get("head.baseline.bias");
      const baseline = gemm(hidden, get("head.baseline.weight"), { transposeB: true, bias });
      return add(unsqueeze(baseline, [2]), matmul(projected, embeddings, { transposeB: true }));
    },
  };
}

const lowRank = defineMethod({
  kind: "low-rank",
  title: "ARM of low rank",
  rule: "reward",
  settings: { rank: { type: "integer", min: 1, default: 2, help: "rank of the marginal" } },
  training: {
    penalty: { type: "number", min: 0, default: 0.1, help: "how much large marginals cost" },
  },
  head: lowRankHead,
  objective: (backbone, head, training, { penalty }) =>
    rewardObjective(backbone, head, {
      ...training,
      regularizer: penalty,
      loss: ({ rewards, targets, weights }) =>
        sumAll(mul(weights, overLabels(square(sub(rewards, targets)), "mean"))),
    }),
});

/** A method without settings, under this name. */
const plain = (kind: string): Method => ({
  kind,
  title: "A method",
  rule: "reward",
  head: (sizes) => lowRankHead(sizes, { rank: 2 }),
  objective: (backbone, head, training) =>
    rewardObjective(backbone, head, {
      ...training,
      loss: ({ rewards, weights }) => sumAll(mul(weights, overLabels(square(rewards), "mean"))),
    }),
});

const texts = Array.from(
  { length: 120 },
  (_, i) => `${i % 2 ? "good" : "bad"} films are ${i % 2 ? "warm" : "cold"} ${i}`,
);
const data = {
  texts,
  labels: Float32Array.from(texts, (_, i) => i % 2),
  labelNames: ["good"],
  skipped: 0,
};
const settings = { learningRate: 1e-2, epochs: 3, batchSize: 20, holdOut: 0.1, seed: 1 };

/** A base model with random weights and a tokenizer of the texts. */
async function writeBase(folder: string): Promise<string> {
  const path = join(folder, "base");
  const tokenizer = trainByteLevelBpe(texts, { vocabSize: 300 });
  const vocabulary = Object.keys(tokenizer.model.vocab).length;
  const backbone = gpt2Backbone({ vocabulary, context: 32, width: 16, layers: 1, heads: 2 });
  await writeModelFolder(path, {
    config: modelSpecJson({ kind: "lm", backbone, bos: true }),
    shapes: backbone.shapes,
    values: initialize(backbone.shapes, backbone.fill, new Random(0, "base")),
  });
  await writeTokenizer(path, tokenizer);
  return path;
}

Deno.test("a method of one's own trains, goes on, opens, and steers in one graph with the base as beside it", async () => {
  await withTemporaryFolder(async (folder) => {
    const base = await writeBase(folder);
    const out = join(folder, "model");
    const first = await trainMethod(lowRank, data, cpu, { ...settings, base, out });
    assert.ok(first.finished);
    const losses = first.curve.filter(({ series }) => series === "training");
    assert.ok(losses.at(-1)!.loss < 0.7 * losses[0].loss);
    assert.deepEqual(Object.keys(first.losses!).sort(), ["fit", "loss", "regularizer"]);
    const { loss, constant } = {
      loss: first.evaluation!.fit,
      constant: first.constantLosses!.fit,
    };
    assert.ok(Math.abs(constant - 0.25) < 0.03, `predicting ½ costs ${constant}`);
    assert.ok(loss < constant, `${loss} is not below ${constant}`);
    const again = await trainMethod(lowRank, data, cpu, { ...settings, base, out, resume: true });
    assert.deepEqual([again.steps, again.finished], [0, true]);

    const opened = await openBase(base, cpu);
    await using steered = opened.base;
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual([model.kind, model.labels, model.rule], ["low-rank", ["good"], "reward"]);
    const [good, bad] = await rateTexts(
      model,
      ["good films are warm", "bad films are cold"].map((text) => opened.tokenizer.encode(text)),
      "good",
    );
    assert.ok(good > bad + 0.2, `${good} is not above ${bad}`);
    for (const rated of ["top-k", "vocabulary"] as const) {
      const [one, apart] = [true, false].map(async (together) =>
        (await generateTexts(steered, opened.tokenizer, ["the", "films"], {
          guides: [{ model, steering: [{ label: "good", beta: 20 }] }],
          samples: 3,
          maxNewTokens: 6,
          together,
          rated,
        })).ids
      );
      assert.deepEqual(await one, await apart);
    }
  });
});

Deno.test("a method of one's own is distilled from RAD", async () => {
  await withTemporaryFolder(async (folder) => {
    const base = await writeBase(folder);
    const [teacher, out] = [join(folder, "rad"), join(folder, "student")];
    await trainRewardModel(data, cpu, { ...settings, kind: "rad", base, out: teacher });
    const result = await trainMethod(lowRank, data, cpu, { ...settings, base, out, teacher });
    assert.ok(result.finished);
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual(model.labels, ["good"]);
  });
});

Deno.test("settings of a method of one's own are checked once, kept in config.json, and flags of `train reward`", async () => {
  await withTemporaryFolder(async (folder) => {
    const base = await writeBase(folder);
    const out = join(folder, "model");
    const options = { ...settings, maxSteps: 1, kind: "low-rank", base, out };
    const trained = (more: object) => trainRewardModel(data, cpu, { ...options, ...more });
    await assert.rejects(trained({ rank: 0 }), {
      name: "RangeError",
      message: "trainRewardModel: 'rank' must be a whole number from 1 up, not 0.",
    });
    await assert.rejects(trained({ penlty: 3 }), /did you mean 'penalty'\?/);
    await assert.rejects(trained({ kind: "arm", rank: 3 }), {
      name: "TypeError",
      message: "'rank' is a setting of kind low-rank, not of arm",
    });
    await trained({ rank: 3 });
    const config = JSON.parse(await Deno.readTextFile(join(out, "config.json")));
    const { kind, labels, rank, penalty } = config.armature;
    assert.deepEqual([kind, labels, rank, penalty], ["low-rank", ["good"], 3, undefined]);
    assert.equal(shapesOf(parseModelSpec(config, "") as HeadedSpec).get("head.down.weight")![0], 3);
    config.armature.rank = "three";
    assert.throws(() => parseModelSpec(config, "config.json"), {
      name: "TypeError",
      message:
        "config.json (armature): 'rank' must be a whole number from 1 up, not the text \"three\".",
    });
    const help = trainReward().helpInformation();
    for (
      const shown of [
        /choices: arm, rad, .* low-rank\)/,
        /--rank <n> rank of the marginal \(default: 2\)/,
        /--penalty <x>/,
      ]
    ) {
      assert.match(help.replaceAll(/\s+/g, " "), shown);
    }
  });
});

Deno.test("a kind of the library's, a bad name, and a parameter that the backbone has are refused in one sentence", async () => {
  assert.throws(() => defineMethod(plain("arm")), {
    name: "TypeError",
    message: /^defineMethod: there is a method of the kind 'arm' already; choose another name\.$/,
  });
  assert.throws(() => defineMethod(plain("Low rank")), {
    name: "TypeError",
    message: /^defineMethod: a kind is a name of small letters/,
  });
  assert.throws(() => defineMethod({ kind: "bare" } as Method), {
    name: "TypeError",
    message:
      "defineMethod: 'method' must be a method: { kind, title, rule, head, objective }, not an object.",
  });
  const clashing: Method = {
    ...plain("clashing"),
    head: (sizes) => ({
      ...lowRankHead(sizes, { rank: 2 }),
      shapes: new Map([["wte.weight", [1]]]),
    }),
  };
  await withTemporaryFolder(async (folder) => {
    const base = await writeBase(folder);
    await assert.rejects(
      trainMethod(clashing, data, cpu, { ...settings, base, out: join(folder, "model") }),
      {
        name: "TypeError",
        message:
          "The head of 'clashing' calls a parameter wte.weight, as the backbone does: choose another name.",
      },
    );
  });
});
