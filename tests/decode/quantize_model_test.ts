import assert from "node:assert/strict";
import { join } from "node:path";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { generate, type Guide } from "../../lib/decode/generate.ts";
import type { GenerateOptions } from "../../lib/decode/generate_options.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { quantizeModel } from "../../lib/decode/quantize_model.ts";
import { openLikelihoodJudge } from "../../lib/eval/likelihood.ts";
import { gemm } from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { constant, input } from "../../lib/graph/tensor.ts";
import { forward } from "../../lib/models/forward.ts";
import { languageModelHead, quantizedHead } from "../../lib/models/language_model_head.ts";
import { shapesOf } from "../../lib/methods/model_spec.ts";
import type { Parameters } from "../../lib/models/parameters.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { openTeacher } from "../../lib/methods/teacher.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats, integers } from "../../lib/runtime/value.ts";
import { openInitialModel } from "../../lib/train/initial_model.ts";
import { openModelFolder, parametersIn } from "../../lib/weights/model_folder.ts";
import { scalesOf } from "../../lib/weights/quantization.ts";
import { dequantizeRows, type Quantization } from "../../lib/weights/quantization.ts";
import { cpu, floatsOf, largestDifference } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import {
  randomParameters,
  tinyBackbone,
  type TinyModel,
  tinySpecs,
  writeTinyModel,
} from "../tiny_models.ts";

const eightBits: Quantization = { bits: 8, block: 32 };
const allNames = Object.keys(tinySpecs) as TinyModel[];

/** Writes a tiny model and its quantized copy; gives the paths of both. */
async function quantized(parent: string, name: TinyModel, how: Quantization = eightBits) {
  const whole = await writeTinyModel(parent, name);
  const few = join(parent, `${name}-${how.bits}-${how.block}`);
  await quantizeModel(whole, few, how);
  return { whole, few };
}

/** A matrix of a quantized folder in float32, `[columns, inner]`, as it is stored. */
async function storedMatrix(path: string, name: string, inner: number, how: Quantization) {
  const { weights } = await openModelFolder(path);
  return dequantizeRows(
    {
      packed: await weights.read(name) as Uint8Array,
      scales: await weights.readFloat32(scalesOf(name)),
    },
    inner,
    how,
  );
}

const largestOf = (values: Float32Array) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The size of a difference against that of what it is from. */
function relative(values: Float32Array, expected: Float32Array): number {
  const norm = (of: (i: number) => number) => Math.hypot(...expected.map((_, i) => of(i)));
  return norm((i) => values[i] - expected[i]) / norm((i) => expected[i]);
}

for (
  const how of [eightBits, { bits: 8, block: 16 }, { bits: 4, block: 16 }, {
    bits: 4,
    block: 64,
  }] as const
) {
  Deno.test(`a model in ${how.bits} bits, ${how.block} a block, computes with the numbers that it stores`, async () => {
    await withTemporaryFolder(async (parent) => {
      const { few } = await quantized(parent, "lm", how);
      const folder = await openModelFolder(few);
      const parameters = await parametersIn(folder, shapesOf(tinySpecs.lm));
      const values = randomParameters(tinySpecs.lm, 0);
      for (const [name, shape] of tinyBackbone.shapes) {
        if (!name.startsWith("h.") || shape.length < 2) continue;
        const [inner, columns] = shape;
        const stored = await storedMatrix(few, name, inner, how);
        values.set(
          name,
          Float32Array.from(
            stored,
            (_, i) => stored[i % columns * inner + Math.floor(i / columns)],
          ),
        );
      }
      const inFloats: Parameters = (name, shape) => constant("float32", shape, values.get(name)!);
      const inputs = {
        ids: input("ids", "int64", ["batch", "time"]),
        mask: input("mask", "float32", ["batch", "time"]),
      };
      const { hidden } = forward(tinyBackbone, parameters, inputs);
      const { hidden: expectedHidden } = forward(tinyBackbone, inFloats, inputs);
      const { vocabulary, width } = tinyBackbone;
      const head = await storedMatrix(few, quantizedHead, width, how);
      await using session = await Session.open(
        compile({
          logits: languageModelHead(tinyBackbone, parameters, hidden),
          expected: gemm(expectedHidden, constant("float32", [vocabulary, width], head), {
            transposeB: true,
          }),
        }),
        cpu,
      );
      const { logits, expected } = await session.run({
        ids: integers([2, 9], Array.from({ length: 18 }, (_, i) => 7 * i % vocabulary)),
        mask: floats([2, 9], new Float32Array(18).fill(1)),
      });
      // what is left is that the left operands of the products have 8 bits as well
      const difference = relative(floatsOf(logits), floatsOf(expected));
      assert.ok(difference > 0 && difference < 0.02, `${difference}`);
    });
  });
}

Deno.test("every kind of model is read, rates and judges as before, but for a little, in 8 bits", async () => {
  await withTemporaryFolder(async (parent) => {
    const candidates = integers([2, 4], [1, 5, 9, 60, 0, 2, 40, 33]);
    const scores = async (name: TinyModel, path: string): Promise<Float32Array> => {
      if (name === "lm" || name === "bosLm") {
        await using base = await openBaseModel(path, cpu);
        using reading = await base.start([[3, 4], [5]]);
        await reading.step([6, 7]);
        return floatsOf(reading.candidates.logits);
      }
      await using model = await openRewardModel(path, cpu);
      using reading = await model.start([[3, 4], [5]]);
      await reading.rate(candidates);
      await reading.accept([5, 2], [1, 1]);
      return floatsOf(await reading.rate(candidates));
    };
    for (const name of allNames) {
      const { whole, few } = await quantized(parent, name);
      if (name === "pplm") {
        await assert.rejects(scores(name, few), /takes gradients through its weights/);
        continue;
      }
      const difference = relative(await scores(name, few), await scores(name, whole));
      assert.ok(difference > 0 && difference < 0.05, `${name}: ${difference}`);
    }
    const judged = async (path: string) => {
      await using judge = await openLikelihoodJudge(path, cpu);
      return await judge.negativeLogLikelihoods([{ prompt: [1], ids: [2, 3, 4] }, {
        prompt: [],
        ids: [60],
      }]);
    };
    const [whole, few] = [join(parent, "lm"), join(parent, "lm-8-32")];
    assert.ok(largestDifference(await judged(few), await judged(whole)) < 0.5);
    await using teacher = await openTeacher(join(parent, "rad-8-32"), cpu);
    const { dims } = await teacher.rewards(
      integers([1, 3], [1, 2, 3]),
      floats([1, 3], new Float32Array(3).fill(1)),
    );
    assert.deepEqual(dims, [1, 3, 2]);
  });
});

Deno.test("a quantized judge gives each text the likelihood that its logits give it", async () => {
  await withTemporaryFolder(async (parent) => {
    const { few } = await quantized(parent, "lm", { bits: 4, block: 16 });
    await using judge = await openLikelihoodJudge(few, cpu);
    await using base = await openBaseModel(few, cpu);
    const [ids, prompt] = [[7, 8, 50], [4, 5]];
    const [judged] = await judge.negativeLogLikelihoods([{ prompt, ids }]);
    using reading = await base.start([prompt]);
    let expected = 0;
    for (const id of ids) {
      const logits = floatsOf(reading.candidates.logits);
      const largest = largestOf(logits);
      const sum = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
      expected += largest + Math.log(sum) - logits[id];
      await reading.step([id]);
    }
    assert.ok(Math.abs(judged - expected) < 1e-2 * expected, `${judged}, ${expected}`);
  });
});

// Attention sums in another order where caches are cut otherwise; what that changes in the last digits can tip an
// activation to the next of its 8 bits, and so, now and then, a token.
Deno.test("a generation of quantized models repeats itself, and nearly so however it is computed", async () => {
  await withTemporaryFolder(async (parent) => {
    await using models = new AsyncDisposableStack();
    const base = models.use(
      await openBaseModel((await quantized(parent, "lm")).few, cpu),
    );
    const guides: Guide[] = [];
    for (const name of ["arm", "rad", "gedi"] as const) {
      const { few } = await quantized(parent, name, { bits: name === "arm" ? 4 : 8, block: 16 });
      const model = models.use(await openRewardModel(few, cpu));
      guides.push({ model, steering: [{ label: "kind", beta: 3 }] });
    }
    const prompts = [[1, 2, 3], [9], [], [4, 40, 14, 15, 9, 2]];
    const ways = [{ together: false }, { stepsPerRun: 1 }, { stepsPerRun: 100 }, { batchSize: 1 }];
    for (const those of [guides.slice(0, 1), guides.slice(1, 2), guides.slice(2), guides]) {
      const options = { guides: those, topK: 12, samples: 5, maxNewTokens: 12, seed: 3 };
      const texts = async (way: GenerateOptions) =>
        (await generate(base, prompts, { ...options, ...way })).continuations.flat().map(String);
      const expected = await texts({});
      assert.deepEqual(await texts({}), expected);
      for (const way of ways) {
        const same = (await texts(way)).filter((text, i) => text === expected[i]).length;
        assert.ok(same >= 0.8 * expected.length, `${JSON.stringify(way)}: ${same} are the same`);
      }
    }
  });
});

Deno.test("a quantized model is smaller, and keeps its settings, its other tensors and its tokenizer", async () => {
  await withTemporaryFolder(async (parent) => {
    const whole = await writeTinyModel(parent, "arm");
    const configFile = join(whole, "config.json");
    const config = { ...JSON.parse(await Deno.readTextFile(configFile)), note: "mine" };
    await Deno.writeTextFile(configFile, JSON.stringify(config));
    await Deno.writeTextFile(join(whole, "tokenizer.json"), "{}");
    const few = join(parent, "new", "few");
    await quantizeModel(whole, few, eightBits);
    const [from, to] = [await openModelFolder(whole), await openModelFolder(few)];
    assert.deepEqual(to.config, {
      ...config,
      armature: { ...config.armature, quantization: eightBits },
    });
    assert.equal(await Deno.readTextFile(join(few, "tokenizer.json")), "{}");
    for (const name of from.weights.tensors.keys()) {
      if (/^h\.\d+\..*c_\w+\.weight$/.test(name)) {
        // no other loader can take it for the matrix in float32: it has three axes
        const { dtype, shape } = to.weights.tensors.get(name)!;
        assert.deepEqual([dtype, shape.length], ["U8", 3]);
      } else {
        assert.deepEqual(await to.weights.read(name), await from.weights.read(name));
      }
    }
  });
});

Deno.test("a plain GPT-2 becomes a model of ours", async () => {
  await withTemporaryFolder(async (parent) => {
    const whole = await writeTinyModel(parent, "lm");
    const configFile = join(whole, "config.json");
    const { armature: _, ...config } = JSON.parse(await Deno.readTextFile(configFile));
    await Deno.writeTextFile(configFile, JSON.stringify(config));
    const few = join(parent, "few");
    await quantizeModel(whole, few, eightBits);
    assert.deepEqual((await openModelFolder(few)).config, {
      ...config,
      armature: { kind: "lm", bos: false, quantization: eightBits },
    });
  });
});

Deno.test("training, exporting and quantizing again need the model in float32", async () => {
  await withTemporaryFolder(async (parent) => {
    const { few } = await quantized(parent, "lm", { bits: 4, block: 32 });
    const refusal = {
      name: "TypeError",
      message:
        `'${few}' holds a model quantized to 4 bits, which can only be run: use the one that it was made from.`,
    };
    // adapters have nothing to stand beside, either
    await assert.rejects(openInitialModel(few), refusal);
    await assert.rejects(exportBaseModel(few, join(parent, "out")), refusal);
    await assert.rejects(quantizeModel(few, join(parent, "out"), eightBits), refusal);
    assert.equal(
      await Deno.stat(join(parent, "out", "config.json")).catch(() => undefined),
      undefined,
    );
  });
});

Deno.test("a model is not quantized into itself or unasked over another, and a pair of experts not as one", async () => {
  await withTemporaryFolder(async (parent) => {
    const whole = await writeTinyModel(parent, "lm");
    await assert.rejects(quantizeModel(whole, join(parent, "x", "..", "lm"), eightBits), {
      name: "RangeError",
      message: `Cannot quantize '${whole}' into itself: name another folder.`,
    });
    const other = await writeTinyModel(parent, "bosLm");
    await assert.rejects(quantizeModel(whole, other, eightBits), {
      message:
        `'${other}' is there already, and finished: use --overwrite (overwrite: true) to replace it, or another name.`,
    });
    await quantizeModel(whole, other, { ...eightBits, overwrite: true });
    await assert.rejects(quantizeModel(whole, other, { bits: 5 as never }), {
      name: "TypeError",
      message: "quantizeModel: 'bits' must be one of 8, 4, not 5.",
    });
    const pair = join(parent, "pair");
    await Deno.mkdir(pair);
    const armature = { kind: "dexperts", labels: ["kind"], expert: "a", antiexpert: "b" };
    await Deno.writeTextFile(join(pair, "config.json"), JSON.stringify({ armature }));
    await assert.rejects(quantizeModel(pair, join(parent, "out"), eightBits), {
      name: "TypeError",
      message: `'${pair}' holds several models: quantize each, 'a' and 'b' in it.`,
    });
  });
});
