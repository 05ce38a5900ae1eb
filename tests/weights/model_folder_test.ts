import assert from "node:assert/strict";
import { join } from "node:path";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { architectures } from "../../lib/models/architectures.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import {
  openModelFolder,
  readParameters,
  writeModelFolder,
} from "../../lib/weights/model_folder.ts";
import { openSafetensors, writeSafetensors } from "../../lib/weights/safetensors.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { torchFile, type TorchTensor } from "../torch_file.ts";
import { onTinyDisk, tinyDiskAllowed } from "../tiny_disk.ts";
import { randomParameters, tinySizes, tinySpecs, writeTinyModel } from "../tiny_models.ts";

const spec = tinySpecs.lm;
const shapes = shapesOf(spec);
const values = randomParameters(spec, 0);

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** The largest logits after a prompt, as the opened model gives them. */
async function topLogits(path: string): Promise<number[]> {
  await using base = await openBaseModel(path, cpu);
  using reading = await base.start([[1, 2, 3]], 5);
  return [...reading.candidates.logits.data as Float32Array];
}

Deno.test("a model is written as a folder and read back bit for bit", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = join(parent, "deep", "model");
    await writeModelFolder(path, { config: modelSpecJson(spec), shapes, values });
    assert.deepEqual(namesIn(path), ["config.json", "model.safetensors"]);
    const folder = await openModelFolder(path);
    assert.deepEqual(folder.config, modelSpecJson(spec));
    assert.deepEqual(await readParameters(folder, shapes), values);
    const { metadata } = await openSafetensors(folder.weights.path);
    assert.deepEqual(metadata, { format: "pt" });
    assert.deepEqual([...folder.weights.tensors.keys()].sort(), [...shapes.keys()].sort());
  });
});

Deno.test("the tokenizer's files go along, as far as they are there", async () => {
  await withTemporaryFolder(async (parent) => {
    const [tokenizer, path] = [join(parent, "tokenizer"), join(parent, "model")];
    await Deno.mkdir(tokenizer);
    await Deno.writeTextFile(join(tokenizer, "tokenizer.json"), "{}");
    await Deno.writeTextFile(join(tokenizer, "other.txt"), "");
    await writeModelFolder(path, { config: {}, shapes, values, tokenizer });
    assert.deepEqual(namesIn(path), ["config.json", "model.safetensors", "tokenizer.json"]);
    await writeModelFolder(path, { config: {}, shapes, values, tokenizer: path });
    assert.equal(await Deno.readTextFile(join(path, "tokenizer.json")), "{}");
  });
});

Deno.test("a model that replaces another has none of that one's settings of texts", async () => {
  await withTemporaryFolder(async (parent) => {
    const [tokenizer, path] = [join(parent, "tokenizer"), join(parent, "model")];
    for (const folder of [tokenizer, path]) await Deno.mkdir(folder);
    await Deno.writeTextFile(join(tokenizer, "tokenizer.json"), "{}");
    for (const name of ["generation_config.json", "added_tokens.json", "notes.txt"]) {
      await Deno.writeTextFile(join(path, name), '{"eos_token_id": 7}');
    }
    await writeModelFolder(path, { config: {}, shapes, values, tokenizer });
    assert.deepEqual(namesIn(path), [
      "config.json",
      "model.safetensors",
      "notes.txt",
      "tokenizer.json",
    ]);
  });
});

Deno.test("names with 'transformer.' before them are read, as GPT2LMHeadModel saves them", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const logits = await topLogits(path);
    const prefixed = [...values].map(([name, data]) =>
      [`transformer.${name}`, { dtype: "F32", shape: shapes.get(name)!, data }] as const
    );
    await writeSafetensors(join(path, "model.safetensors"), prefixed, { format: "pt" });
    assert.deepEqual(await readParameters(await openModelFolder(path), shapes), values);
    assert.deepEqual(await topLogits(path), logits);
  });
});

Deno.test("a model is read in place from several files, as their index says", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const logits = await topLogits(path);
    const whole = join(path, "model.safetensors");
    await Deno.remove(whole);
    const shards = new Map<string, string>();
    for (const [i, file] of ["model-00001-of-00002.safetensors", "model-2.safetensors"].entries()) {
      const part = [...values].filter((_, place) => place % 2 === i)
        .map(([name, data]) => [name, { dtype: "F32", shape: shapes.get(name)!, data }] as const);
      for (const [name] of part) shards.set(name, file);
      await writeSafetensors(join(path, file), part);
    }
    const index = join(path, "model.safetensors.index.json");
    const write = async (map: unknown) =>
      await Deno.writeTextFile(index, JSON.stringify({ weight_map: map }));
    const places = Object.fromEntries(shards);
    await write(places);
    assert.deepEqual(await readParameters(await openModelFolder(path), shapes), values);
    assert.deepEqual(await topLogits(path), logits);

    const refused = async (map: unknown, message: RegExp) => {
      await write(map);
      await assert.rejects(openModelFolder(path), { message });
    };
    await refused(
      { ...places, none: "model-2.safetensors" },
      /says that 'model-2\.s.*' has none; /,
    );
    await refused(
      { a: "../model-2.safetensors" },
      /puts a into "\.\..*, which is no file beside it/,
    );
    await refused({ a: "model-3.safetensors" }, /model-3\.safetensors': there is no such file/);
    await refused(undefined, /is not an index of weights: it has no weight_map; download it again/);
  });
});

Deno.test("a model is read in place from PyTorch's file where there is no other", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const logits = await topLogits(path);
    const named = [...values].map(([name, data]) =>
      [`transformer.${name}`, { data, shape: shapes.get(name)! }] as const
    );
    const tensors: Record<string, TorchTensor> = {
      ...Object.fromEntries(named),
      // what Hugging Face saves beside the parameters
      "lm_head.weight": { data: values.get("wte.weight")!, shape: shapes.get("wte.weight")! },
      "transformer.h.0.attn.bias": { data: new Uint8Array(24 * 24), shape: [1, 1, 24, 24] },
      "transformer.h.0.attn.masked_bias": { data: Float32Array.of(-1e4), shape: [] },
    };
    await Deno.writeFile(join(path, "pytorch_model.bin"), torchFile(tensors));
    await Deno.remove(join(path, "model.safetensors"));
    assert.deepEqual(await readParameters(await openModelFolder(path), shapes), values);
    assert.deepEqual(await topLogits(path), logits);

    const columns = "transformer.h.0.attn.c_proj.weight";
    const turned = { ...tensors, [columns]: { ...tensors[columns], strides: [1, 16] } };
    await Deno.writeFile(join(path, "pytorch_model.bin"), torchFile(turned));
    const folder = await openModelFolder(path);
    const read = (await readParameters(folder, shapes)).get("h.0.attn.c_proj.weight")!;
    const expected = values.get("h.0.attn.c_proj.weight")!;
    assert.ok(read.every((value, i) => value === expected[(i % 16) * 16 + Math.floor(i / 16)]));
    const turnedLogits = await topLogits(path);
    const straight = { ...tensors, [columns]: { ...tensors[columns], data: read } };
    await Deno.writeFile(join(path, "pytorch_model.bin"), torchFile(straight));
    assert.deepEqual(await topLogits(path), turnedLogits);
  });
});

Deno.test({
  name: "links into another folder are followed, as in the hub's cache",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await withTemporaryFolder(async (parent) => {
      const path = await writeTinyModel(parent, "lm");
      const logits = await topLogits(path);
      const [blobs, snapshot] = [join(parent, "blobs"), join(parent, "snapshots", "0123")];
      await Deno.mkdir(blobs);
      await Deno.mkdir(snapshot, { recursive: true });
      for (const [i, file] of ["config.json", "model.safetensors"].entries()) {
        await Deno.rename(join(path, file), join(blobs, `${i}`));
        await Deno.symlink(join("..", "..", "blobs", `${i}`), join(snapshot, file));
      }
      assert.deepEqual(await topLogits(snapshot), logits);
    });
  },
});

Deno.test("a tensor that is missing or has another shape is named", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const weights = join(path, "model.safetensors");
    const real = await Deno.realPath(weights);
    const tensors = [...values].map(([name, data]) =>
      [name, { dtype: "F32", shape: shapes.get(name)!, data }] as const
    );
    const refused = async (name: string, message: string) => {
      const folder = await openModelFolder(path);
      await assert.rejects(readParameters(folder, shapes), { name, message });
      await assert.rejects(openBaseModel(path, cpu), { name, message });
    };
    await writeSafetensors(weights, tensors.filter(([name]) => name !== "ln_f.bias"));
    await refused(
      "Error",
      `'${real}' has no tensor ln_f.bias, which the model needs; its 27 tensors are ` +
        "h.0.attn.c_attn.bias, h.0.attn.c_attn.weight, h.0.attn.c_proj.bias, h.0.attn.c_proj.weight, ….",
    );
    await writeSafetensors(weights, [
      ...tensors.filter(([name]) => name !== "wpe.weight"),
      ["wpe.weight", { dtype: "F32", shape: [8], data: new Float32Array(8) }],
    ]);
    await refused(
      "RangeError",
      `'${real}': tensor wpe.weight has shape [8], but config.json asks for [24,16].`,
    );
  });
});

/** The bits of numbers in bfloat16, cut off, and the numbers that they then are. */
function brainsOf(values: Float32Array): { bits: Uint16Array; cut: Float32Array } {
  const cut = values.slice();
  const bits = new Uint32Array(cut.buffer).map((each) => each & 0xffff0000);
  new Uint32Array(cut.buffer).set(bits);
  return { bits: Uint16Array.from(bits, (each) => each >>> 16), cut };
}

Deno.test("half-precision weights are widened, for training and where graphs read them", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const whole = await readParameters(await openModelFolder(path), shapes);
    const brains = new Map([...whole].map(([name, values]) => [name, brainsOf(values)]));
    const weights = join(path, "model.safetensors");
    await writeSafetensors(
      weights,
      [...shapes].map(([name, shape]) =>
        [name, { dtype: "BF16", shape, data: brains.get(name)!.bits }] as const
      ),
    );
    const cut = new Map([...brains].map(([name, { cut }]) => [name, cut]));
    assert.deepEqual(await readParameters(await openModelFolder(path), shapes), cut);
    const logits = await topLogits(path);
    await writeModelFolder(path, { config: modelSpecJson(spec), shapes, values: cut });
    assert.deepEqual(await topLogits(path), logits);
  });
});

Deno.test("names may have those of wrappers and models before them, or lack that of the backbone's module", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const expected = await readParameters(await openModelFolder(path), shapes);
    for (const prefix of ["_orig_mod.", "module.", "module._orig_mod.transformer."]) {
      await writeSafetensors(
        join(path, "model.safetensors"),
        [...shapes].map(([name, shape]) =>
          [prefix + name, { dtype: "F32", shape, data: expected.get(name)! }] as const
        ),
      );
      assert.deepEqual(await readParameters(await openModelFolder(path), shapes), expected);
    }
    const data = new Float32Array(1);
    const tensors = (...names: string[]) =>
      names.map((name) => [name, { dtype: "F32", shape: [1], data }] as const);
    const weights = join(path, "model.safetensors");
    const read = async (name: string) =>
      await readParameters(await openModelFolder(path), new Map([[name, [1]]]));
    await writeSafetensors(weights, tensors("layers.0.bias", "module.lm_head.weight"));
    assert.equal((await read("model.layers.0.bias")).size, 1);
    assert.equal((await read("gpt_neox.layers.0.bias")).size, 1);
    await writeSafetensors(weights, tensors("teacher.ln_f.bias", "student.ln_f.bias"));
    await assert.rejects(read("ln_f.bias"), {
      name: "TypeError",
      message:
        /has several tensors that could be ln_f\.bias: student\.ln_f\.bias, teacher\.ln_f\.bias; keep one model/,
    });
  });
});

Deno.test("weights in several files, as PyTorch saves them, are read by their index", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const expected = await readParameters(await openModelFolder(path), shapes);
    await Deno.remove(join(path, "model.safetensors"));
    const places: Record<string, string> = {};
    const parts = [0, 1].map((part) => `pytorch_model-0000${part + 1}-of-00002.bin`);
    for (const [part, file] of parts.entries()) {
      const names = [...shapes.keys()].filter((_, i) => i % 2 === part);
      for (const name of names) places[name] = file;
      const tensors = Object.fromEntries(
        names.map((name) => [name, { shape: shapes.get(name)!, data: expected.get(name)! }]),
      );
      await Deno.writeFile(join(path, file), torchFile(tensors));
    }
    const index = JSON.stringify({ weight_map: places });
    await Deno.writeTextFile(join(path, "pytorch_model.bin.index.json"), index);
    assert.deepEqual(await readParameters(await openModelFolder(path), shapes), expected);
  });
});

Deno.test("a folder that is none, or lacks a file, is refused with one sentence", async () => {
  await withTemporaryFolder(async (parent) => {
    const refused = (path: string, name: string, message: string | RegExp) =>
      assert.rejects(openModelFolder(path), { name, message });
    const missing = join(parent, "missing");
    await refused(
      missing,
      "Error",
      `Cannot open the model '${missing}': there is no such folder, so check the path.`,
    );
    const file = join(parent, "file");
    await Deno.writeTextFile(file, "");
    await refused(
      file,
      "Error",
      `Cannot open the model '${file}': it is a file, so name the folder it is in.`,
    );
    const path = await writeTinyModel(parent, "lm");
    const [config, weights] = [join(path, "config.json"), join(path, "model.safetensors")];
    await Deno.rename(weights, file);
    await refused(
      path,
      "Error",
      `The model '${path}' has no weights: there is no model.safetensors and no pytorch_model.bin, ` +
        "whole or in several files with an index.",
    );
    await Deno.writeTextFile(weights, "garbage, but long enough");
    await refused(path, "SyntaxError", /^'.*' is not a valid safetensors file: /);
    await Deno.rename(file, weights);
    await Deno.writeTextFile(config, "{");
    await refused(path, "SyntaxError", /^Cannot read '.*config\.json': it is not JSON \(.*\)\.$/);
    await Deno.remove(config);
    await refused(
      path,
      "Error",
      `Cannot read '${config}': there is no such file, so check the path`,
    );
  });
});

Deno.test("a config.json of another model is refused, and the file named", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const config = join(path, "config.json");
    const refused = async (change: Record<string, unknown>, name: string, message: string) => {
      await Deno.writeTextFile(config, JSON.stringify({ ...modelSpecJson(spec), ...change }));
      await assert.rejects(openBaseModel(path, cpu), { name, message });
    };
    const known = architectures.flatMap(({ modelTypes }) => modelTypes)
      .map((type) => `"${type}"`).join(", ");
    await refused(
      { model_type: "mamba" },
      "TypeError",
      `${config} says model_type: "mamba", which is not supported; it must be ${known}.`,
    );
    await refused(
      { n_embd: 0 },
      "RangeError",
      `${config} says n_embd: 0; it must be a positive integer.`,
    );
    await refused(
      { armature: null },
      "TypeError",
      `${config} says armature.kind: undefined; a language model's is "lm".`,
    );
    await refused(
      { n_layer: 3 },
      "Error",
      `'${await Deno.realPath(join(path, "model.safetensors"))}' has no tensor h.2.ln_1.weight, ` +
        "which the model needs; its 28 tensors are h.0.attn.c_attn.bias, h.0.attn.c_attn.weight, " +
        "h.0.attn.c_proj.bias, h.0.attn.c_proj.weight, ….",
    );
  });
});

Deno.test({
  name: "a full disk leaves the old model whole (needs the right to mount a tmpfs)",
  ignore: !tinyDiskAllowed,
  fn: async () => {
    await onTinyDisk(async (path) => {
      await writeModelFolder(path, { config: modelSpecJson(spec), shapes, values });
      const logits = await topLogits(path);
      const larger = { ...spec, backbone: gpt2Backbone({ ...tinySizes, layers: 8 }) };
      await assert.rejects(
        writeModelFolder(path, {
          config: modelSpecJson(larger),
          shapes: shapesOf(larger),
          values: randomParameters(larger, 0),
        }),
        {
          name: "Error",
          message: `Cannot write '${join(path, "model.safetensors")}': the disk is full, so free ` +
            "some space and try again (an existing file is unchanged)",
        },
      );
      assert.deepEqual(namesIn(path), ["config.json", "model.safetensors"]);
      assert.deepEqual(await topLogits(path), logits);
    });
  },
});

Deno.test("a model that says to share its own trunk is refused, and not followed for ever", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "arm");
    const config = JSON.parse(await Deno.readTextFile(join(path, "config.json")));
    config.armature.trunk = { blocks: 1, base: ".", weights: "0", vectors: "0" };
    await Deno.writeTextFile(join(path, "config.json"), JSON.stringify(config));
    await assert.rejects(openModelFolder(path), /shares the trunk of another: name one with whole/);
  });
});
