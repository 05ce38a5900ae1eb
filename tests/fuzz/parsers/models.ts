import { join } from "node:path";
import { openEncoderFolder } from "../../../lib/encoders/encoder_folder.ts";
import { readSentenceModules } from "../../../lib/encoders/sentence_modules.ts";
import { modelSpecJson, parseModelSpec, shapesOf } from "../../../lib/methods/model_spec.ts";
import type { ParameterShapes } from "../../../lib/models/parameters.ts";
import {
  configPath,
  openModelFolder,
  parametersIn,
  readParameters,
} from "../../../lib/weights/model_folder.ts";
import { openShards } from "../../../lib/weights/shards.ts";
import { readTextEnds } from "../../../lib/weights/text_ends.ts";
import { encoderModels, encoderShapes } from "../../encoders/encoder_cases.ts";
import { tinySpecs } from "../../tiny_models.ts";
import { smallModel } from "../../weights/gguf/small_gguf.ts";
import { inFiles } from "../in_files.ts";
import type { Input, Parser, Read } from "../parser.ts";
import { safetensorsFile } from "./safetensors.ts";

/** The list of methods, which knows their settings, comes with the runtime. */
const native = ["--allow-ffi"];

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function weightsOf(shapes: ParameterShapes) {
  const tensors = [...shapes].map(([name, shape]) => [name, { dtype: "F32", shape }] as const);
  return safetensorsFile(Object.fromEntries(tensors));
}

/** Opens a model as all who use one do, and reads its weights. */
async function openModel(folder: string): Promise<void> {
  const model = await openModelFolder(folder);
  const spec = parseModelSpec(model.config, configPath(folder));
  await readTextEnds(folder, model.config);
  if (!("backbone" in spec) || spec.backbone === undefined) return;
  const shapes = shapesOf({ ...spec, backbone: spec.backbone });
  await parametersIn(model, shapes);
  await readParameters(model, shapes);
}

const small = ["llama", "qwen2", "qwen3", "smollm3", "gemma3", "gpt2", "gptneox"] as const;

/** Folders of language models of every kind of architecture, and of reward models of several. */
export const modelFolder: Parser = {
  title: "config.json, generation_config.json and weights of a model folder",
  cases: 1e5,
  permissions: native,
  words: ["rope_scaling", "linear", "NaN", "1e999", "armature", "trunk", "quantization"],
  seeds: () => {
    const plain = small.map((name): Input => {
      const { backbone } = smallModel(name);
      return {
        "config.json": json({ ...backbone.json(), eos_token_id: [0] }),
        "generation_config.json": json({ eos_token_id: [0, 1] }),
        "model.safetensors": weightsOf(backbone.shapes),
      };
    });
    const { backbone: _, ...lm } = { ...tinySpecs.lm };
    const headed = [tinySpecs.arm, tinySpecs.gedi, tinySpecs.genarm, tinySpecs.cd].map((spec) => ({
      "config.json": json(modelSpecJson(spec)),
      "model.safetensors": weightsOf(shapesOf(spec)),
    }));
    const trunk = { blocks: 1, base: ".", weights: "0", vectors: "0" };
    const onTrunk = { ...modelSpecJson(tinySpecs.arm), armature: { ...lm, kind: "arm", trunk } };
    return [
      ...plain,
      ...headed,
      { "config.json": json(onTrunk), "model.safetensors": weightsOf(shapesOf(tinySpecs.arm)) },
    ];
  },
  open: (folder) => inFiles(folder, openModel),
};

const lora = "base_model.model.transformer.h.1.attn.c_attn.lora_";

/** An adapter of PEFT's form beside the folder of its base model. */
export const adapter: Parser = {
  title: "an adapter of PEFT's form: adapter_config.json and its matrices",
  cases: 1e5,
  permissions: native,
  words: ["base_model.model.", ".lora_A.weight", "LORA", "../", "target_modules", "rslora"],
  seeds: () =>
    [{}, { use_rslora: true, revision: "main" }].map((more): Input => ({
      "adapter_config.json": json({
        peft_type: "LORA",
        base_model_name_or_path: "base",
        r: 2,
        lora_alpha: 3,
        fan_in_fan_out: true,
        target_modules: ["c_attn"],
        bias: "none",
        ...more,
      }),
      "adapter_model.safetensors": safetensorsFile({
        [`${lora}A.weight`]: { dtype: "F32", shape: [2, 16] },
        [`${lora}B.weight`]: { dtype: "F32", shape: [48, 2] },
        "base_model.model.transformer.ln_f.weight": { dtype: "F32", shape: [16] },
      }),
    })),
  async open(folder) {
    const base = join(folder, "base");
    await Deno.mkdir(base);
    await Deno.writeFile(join(base, "config.json"), json(modelSpecJson(tinySpecs.lm)));
    await Deno.writeFile(join(base, "model.safetensors"), weightsOf(shapesOf(tinySpecs.lm)));
    return inFiles(folder, openModel);
  },
};

const half = (names: readonly string[]) =>
  safetensorsFile(
    Object.fromEntries(names.map((name) => [name, { dtype: "F32" as const, shape: [2] }])),
  );

export const shards: Parser = {
  title: "weights in several files, by an index",
  cases: 1e5,
  permissions: native,
  words: ["model-2.safetensors", "../", "weight_map", ".bin"],
  seeds: () => [{
    "model.safetensors.index.json": json({
      metadata: { total_size: 24 },
      weight_map: {
        a: "model-1.safetensors",
        b: "model-2.safetensors",
        c: "model-1.safetensors",
      },
    }),
    "model-1.safetensors": half(["a", "c"]),
    "model-2.safetensors": half(["b"]),
  }],
  open: (folder): Read =>
    inFiles(folder, async () => {
      const weights = await openShards(join(folder, "model.safetensors.index.json"));
      for (const name of weights.tensors.keys()) await weights.read(name);
    }),
};

export const encoder: Parser = {
  title: "the folder of an encoder, with the modules of sentence-transformers",
  cases: 1e5,
  permissions: native,
  words: ["sentence_transformers.models.", "Transformer", "../", "pooling_mode_max_tokens"],
  seeds: () =>
    encoderModels.map((model): Input => ({
      "config.json": json(model.config),
      ...Object.fromEntries(
        Object.entries(model.files).map(([name, value]) =>
          [name, typeof value === "string" ? new TextEncoder().encode(value) : json(value)] as const
        ),
      ),
      "modules.json": json([
        { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
        { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
        { idx: 2, name: "2", path: "2_Normalize", type: "sentence_transformers.models.Normalize" },
      ]),
      "sentence_bert_config.json": json({ max_seq_length: 12, do_lower_case: false }),
      "1_Pooling/config.json": json({
        word_embedding_dimension: 12,
        pooling_mode_mean_tokens: true,
      }),
      "model.safetensors": weightsOf(encoderShapes(model)),
    })),
  // of a text that is read later
  refuses: ({ message }) => message.startsWith("The tokenizer has no token for "),
  open: (folder) =>
    inFiles(folder, async () => {
      await readSentenceModules(folder);
      const { encoder, tokenizer, longest, model } = await openEncoderFolder(folder);
      tokenizer.encode("the film was good", Math.max(longest, 2));
      await readParameters(model, encoder.shapes);
    }),
};
