import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { openBaseModel } from "../../lib/decode/gpt2_base.ts";
import { modelSpecJson, shapesOf } from "../../lib/nn/model_spec.ts";
import {
  openModelFolder,
  parametersIn,
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
    assert.throws(() => parametersIn(folder, shapes), {
      name: "TypeError",
      message: /tensor transformer\.h\.0\.attn\.c_proj\.weight does not stand in rows; save the/,
    });
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
    await refused("Error", `'${real}' has no tensor ln_f.bias, which the model needs.`);
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

Deno.test("half-precision weights are converted for training, and refused for reading in place", async () => {
  await withTemporaryFolder(async (parent) => {
    const path = await writeTinyModel(parent, "lm");
    const weights = join(path, "model.safetensors");
    // 0x3e00 is 1.5 in float16
    const halves = [...shapes].map(([name, shape]) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return [name, { dtype: "F16", shape, data: new Uint16Array(size).fill(0x3e00) }] as const;
    });
    await writeSafetensors(weights, halves);
    const folder = await openModelFolder(path);
    const read = await readParameters(folder, shapes);
    assert.ok([...read.values()].every((data) => data.every((value) => value === 1.5)));
    assert.throws(() => parametersIn(folder, shapes), {
      name: "TypeError",
      message: `'${await Deno.realPath(weights)}': tensor wte.weight is F16; save the model in ` +
        "float32 first.",
    });
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
      `Cannot read '${weights}': there is no such file, so check the path`,
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
    await refused(
      { model_type: "llama" },
      "TypeError",
      `${config} says model_type: "llama", which is not supported; it must be "gpt2".`,
    );
    await refused(
      { n_embd: 0 },
      "RangeError",
      `${config} says n_embd: 0; it must be a positive integer.`,
    );
    await refused(
      { armature: null },
      "TypeError",
      `${config} says armature.kind: undefined; ` +
        'it must be "lm", "arm", "rad", "fudge", "gedi" or "dexperts".',
    );
    await refused(
      { n_layer: 3 },
      "Error",
      `'${await Deno.realPath(join(path, "model.safetensors"))}' has no tensor h.2.ln_1.weight, ` +
        "which the model needs.",
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
