import assert from "node:assert/strict";
import { join } from "node:path";
import { add } from "../../lib/graph/ops/mod.ts";
import { shapesOf } from "../../lib/methods/model_spec.ts";
import { Random } from "../../lib/random.ts";
import { openModelFolder, parametersIn, readParameters } from "../../lib/weights/model_folder.ts";
import { type SafetensorsTensor, writeSafetensors } from "../../lib/weights/safetensors.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters, tinySpecs, writeTinyModel } from "../tiny_models.ts";

const shapes = shapesOf(tinySpecs.lm);
const matrix = "h.1.attn.c_attn.weight";
const prefix = "base_model.model.transformer.h.1.attn.c_attn";
const config = { peft_type: "LORA", r: 2, lora_alpha: 3, fan_in_fan_out: true, bias: "none" };
const random = new Random(1, "adapter");

function tensor(...shape: number[]): SafetensorsTensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { dtype: "F32", shape, data: Float32Array.from({ length: size }, () => random.normal()) };
}

/** An adapter of one matrix, and a norm that was saved whole, as PEFT names them. */
const tensors: Record<string, SafetensorsTensor> = {
  [`${prefix}.lora_A.weight`]: tensor(2, 16),
  [`${prefix}.lora_B.weight`]: tensor(48, 2),
  "base_model.model.transformer.ln_f.weight": tensor(16),
};

async function withAdapter(
  test: (adapter: string, base: string) => Promise<void>,
  settings: object = {},
  changed: Record<string, SafetensorsTensor> = tensors,
): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const base = await writeTinyModel(parent, "lm", 1);
    const adapter = join(parent, "adapter");
    await Deno.mkdir(adapter);
    const json = { base_model_name_or_path: "../lm", ...config, ...settings };
    await Deno.writeTextFile(join(adapter, "adapter_config.json"), JSON.stringify(json));
    await writeSafetensors(join(adapter, "adapter_model.safetensors"), Object.entries(changed));
    await test(adapter, base);
  });
}

/** W + scale·(B A)ᵀ of the one matrix. */
function merged(scale: number): Float64Array {
  const [a, b] = [`${prefix}.lora_A.weight`, `${prefix}.lora_B.weight`].map((name) =>
    tensors[name].data as Float32Array
  );
  return Float64Array.from(randomParameters(tinySpecs.lm, 1).get(matrix)!, (w, at) => {
    const [i, o] = [Math.floor(at / 48), at % 48];
    return w + scale * (b[2 * o] * a[i] + b[2 * o + 1] * a[16 + i]);
  });
}

Deno.test("an adapter as PEFT writes it is merged with the base that it names, read or in a graph", async () => {
  for (const [settings, scale] of [[{}, 3 / 2], [{ use_rslora: true }, 3 / Math.SQRT2]] as const) {
    await withAdapter(async (adapter) => {
      const folder = await openModelFolder(adapter);
      const values = await readParameters(folder, shapes);
      const wanted = merged(scale);
      assert.ok(largestDifference(values.get(matrix)!, wanted) < 1e-6);
      assert.deepEqual(
        values.get("ln_f.weight"),
        tensors["base_model.model.transformer.ln_f.weight"].data,
      );
      const untouched = randomParameters(tinySpecs.lm, 1);
      for (const name of ["wte.weight", "h.0.attn.c_attn.weight", "h.1.attn.c_attn.bias"]) {
        assert.deepEqual(values.get(name), untouched.get(name), name);
      }
      const stored = (await parametersIn(folder, shapes))(matrix, [16, 48]);
      const { y } = await runGraph({ y: add(stored, 0) }, {});
      assert.ok(largestDifference(floatsOf(y), wanted) < 2e-6);
    }, settings);
  }
});

Deno.test("the base of an adapter may be named where its own name leads nowhere, and is never an adapter", async () => {
  await withAdapter(async (adapter, base) => {
    await assert.rejects(openModelFolder(adapter), {
      message:
        `The adapter_config.json of '${adapter}' names the base model 'C:\\gone', and there is no such folder: ` +
        "name the folder of its base model with --adapter-base (adapterBase).",
    });
    assert.ok((await openModelFolder(adapter, { base })).adapter);
    await assert.rejects(openModelFolder(adapter, { base: adapter }), {
      name: "TypeError",
      message:
        `The base model '${adapter}' of the adapter '${adapter}' is an adapter itself: name one with whole weights.`,
    });
  }, { base_model_name_or_path: "C:\\gone" });
  await withAdapter(async (adapter) => {
    await assert.rejects(openModelFolder(adapter), /is an adapter itself/);
  }, { base_model_name_or_path: "." });
});

Deno.test("what is not supported of an adapter, or does not fit, is one sentence", async () => {
  const refusals: [object, RegExp][] = [
    [
      { use_dora: true },
      /says use_dora: true, which is not supported; it must be left out, as a plain LoRA has it\.$/,
    ],
    [{ bias: "all" }, /says bias: "all", which is not supported; it must be "none"\.$/],
    [{ rank_pattern: { c_attn: 4 } }, /says rank_pattern: {"c_attn":4}, which is not supported/],
    [{ peft_type: "IA3" }, /says peft_type: "IA3", which is not supported; it must be "LORA"\.$/],
    [{ init_lora_weights: "pissa" }, /says init_lora_weights: "pissa", which is not supported/],
    [{ use_bdlora: { nblocks: 2 } }, /says use_bdlora: /],
    [{ r: 2.5 }, /says r: 2\.5, which is not supported; it must be a whole number from 1 up\.$/],
    [{ r: 4 }, /lora_A\.weight has shape \[2,16\], but adapter_config\.json says that r is 4\.$/],
    [
      { fan_in_fan_out: false },
      /the adapter of \S+ is of a matrix \[48,16\], but the model's is \[16,48\]\.$/,
    ],
  ];
  for (const [settings, message] of refusals) {
    await withAdapter(async (adapter) => {
      await assert.rejects(
        async () => parametersIn(await openModelFolder(adapter), shapes),
        message,
      );
    }, settings);
  }
  const { [`${prefix}.lora_B.weight`]: _, ...lacking } = tensors;
  const files: [Record<string, SafetensorsTensor>, RegExp][] = [
    [lacking, /lora_A\.weight, but no transformer\.h\.1\.attn\.c_attn\.lora_B\.weight\.$/],
    [
      { ...tensors, "base_model.model.score.weight": tensor(2, 16) },
      /has a tensor score\.weight, for which the model has no place/,
    ],
    [
      { "model.wte.weight": tensor(2) },
      /which is none of an adapter: their names begin with base_model\.model\.$/,
    ],
    [{ [`${prefix}.lora_embedding_A`]: tensor(2, 61) }, /lora_embedding_A, which is not supported/],
  ];
  for (const [changed, message] of files) {
    await withAdapter(
      async (adapter) => {
        await assert.rejects(
          async () => parametersIn(await openModelFolder(adapter), shapes),
          message,
        );
      },
      {},
      changed,
    );
  }
});
