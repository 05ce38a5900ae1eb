import { join } from "node:path";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { choice, command, positiveInteger } from "../../lib/cli/command.ts";
import { generate } from "../../lib/decode/generate.ts";
import { quantizeModel } from "../../lib/decode/quantize_model.ts";
import { writeRandomWeights } from "../../lib/experiments/random_weights.ts";
import { type BackboneSpec, modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import type { RewardModel } from "../../lib/methods/reward_model.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import { headFill } from "../../lib/models/initialization.ts";
import { type Device, openDevice } from "../../lib/runtime/device.ts";
import { compare, peerOptions } from "./compare.ts";
import { type Contender, timed } from "./rounds.ts";
import { backboneOf, decodingShapes, usualDecoding } from "./shapes.ts";
import { openTransformersJs } from "./transformers_js.ts";

const precisions = ["float32", "8bits"] as const;

/** What is decoded: one prompt, many samples. */
interface Call {
  readonly prompt: number;
  readonly samples: number;
  readonly tokens: number;
  readonly k: number;
}

/** Guided decoding of a base model by an ARM, both with random weights. */
export const decode = peerOptions(
  command("decode", "Guided decoding, 20 new tokens after a prompt of 10, here and in PyTorch."),
  Object.keys(decodingShapes),
  usualDecoding,
)
  .addOption(
    choice("--precision <names...>", "what ours has its matrices in", precisions)
      .default([...precisions]),
  )
  .option("--samples <n>", "texts of the batch", positiveInteger, 25)
  .option("--top-k <n>", "tokens that a step rates", positiveInteger, 20)
  .option("--unguided", "the base model alone, here, in PyTorch and in transformers.js")
  .option("--alone", "no peers: ours at k = 1, at --top-k, at four times that, and unguided")
  .action(async ({ shape, precision, samples, topK: k, unguided, alone, rounds, python, json }) => {
    const device = await openDevice("cpu");
    const call: Call = { prompt: 10, samples, tokens: 20, k };
    const guidedK = unguided ? [] : alone ? [k, 1, 4 * k] : [k];
    for (const name of shape) {
      const { base, reward } = decodingShapes[name];
      const folder = await Deno.makeTempDir();
      try {
        await writeModels(folder, backboneOf(base), backboneOf(reward), precision);
        await using stack = new AsyncDisposableStack();
        const ours: Contender[] = [];
        for (const each of precision) {
          const models = stack.use(await openModels(join(folder, each), device));
          for (const k of guidedK) ours.push(await contender(each, models, { ...call, k }));
          if (unguided || alone) ours.push(await contender(each, { base: models.base }, call));
        }
        if (unguided && precision.includes("float32")) {
          const base = join(folder, "float32", "base");
          ours.push(stack.use(await openTransformersJs(base, join(folder, "exported"), call)));
        }
        await compare({
          title: `20 new tokens of ${samples} texts of ${name}, ${
            unguided ? "unguided" : alone ? "steered and not" : `steered at k = ${k}`
          }`,
          ours,
          script: alone ? undefined : "decode.py",
          setting: { base, reward, system: unguided ? "unguided" : "arm", ...call },
          rounds,
          python,
          json,
        });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }
  });

async function writeModels(
  folder: string,
  base: Backbone,
  reward: Backbone,
  precisions: readonly string[],
): Promise<void> {
  const specs = {
    base: { kind: "lm", backbone: base, bos: false },
    reward: { kind: "arm", backbone: reward, labels: ["label"], baseline: true },
  } as const satisfies Record<string, BackboneSpec>;
  for (const [i, [name, spec]] of Object.entries<BackboneSpec>(specs).entries()) {
    const { backbone } = spec;
    const path = join(folder, "float32", name);
    await Deno.mkdir(path, { recursive: true });
    await writeRandomWeights(join(path, "model.safetensors"), shapesOf(spec), {
      fill: (name) => (backbone.shapes.has(name) ? backbone.fill : headFill)(name),
      seed: i,
    });
    await Deno.writeTextFile(join(path, "config.json"), JSON.stringify(modelSpecJson(spec)));
    if (precisions.includes("8bits")) await quantizeModel(path, join(folder, "8bits", name));
  }
}

interface Models {
  readonly base: BaseModel;
  /** What steers; nothing where it is absent. */
  readonly model?: RewardModel;
}

async function openModels(folder: string, device: Device): Promise<Models & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const base = stack.use(await openBaseModel(join(folder, "base"), device));
  const model = stack.use(await openRewardModel(join(folder, "reward"), device));
  const opened = stack.move();
  return { base, model, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Ours, after a round that is not timed. */
async function contender(
  precision: string,
  { base, model }: Models,
  { prompt, samples, tokens, k }: Call,
): Promise<Contender> {
  const ids = Array.from({ length: prompt }, (_, i) => i + 1);
  const round = timed(() =>
    generate(base, [ids], {
      guides: model ? [{ model, steering: [{ label: "label", beta: 20 }] }] : [],
      topK: k,
      samples,
      batchSize: samples,
      maxNewTokens: tokens,
      ends: [],
    })
  );
  await round();
  return { name: `Armature ${precision}, ${model ? `k = ${k}` : "unguided"}`, round };
}
