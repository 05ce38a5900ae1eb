import assert from "node:assert/strict";
import { join } from "node:path";
import { openBase } from "../../../lib/bases/open_base.ts";
import { generate } from "../../../lib/decode/generate.ts";
import { architectures } from "../../../lib/models/architectures.ts";
import { blockTypes } from "../../../lib/weights/gguf/block_types.ts";
import { writeGgufFolder } from "../../../lib/weights/gguf/gguf_folder.ts";
import { openGgufModel } from "../../../lib/weights/gguf/gguf_model.ts";
import { openModelFolder, readParameters } from "../../../lib/weights/model_folder.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { floatTensor, ggufBytes, type Metadatum, type TensorBytes } from "./gguf_bytes.ts";
import { randomBlocks, smallMetadata, smallModel } from "./small_gguf.ts";

const names = architectures.flatMap(({ gguf }) => gguf ? [gguf.name] : []);

/** Writes a file and gives its path. */
async function written(
  folder: string,
  metadata: Readonly<Record<string, Metadatum>>,
  tensors: Readonly<Record<string, TensorBytes>>,
): Promise<string> {
  const path = join(folder, "model.gguf");
  await Deno.writeFile(path, ggufBytes(metadata, tensors));
  return path;
}

for (const name of names) {
  Deno.test(`what llama.cpp's converter does to models of ${name} is undone`, async () => {
    await withTemporaryFolder(async (folder) => {
      const { backbone, values, tensors } = smallModel(name);
      const path = await written(folder, smallMetadata(name), tensors);
      const model = await openGgufModel(path);
      assert.deepEqual(model.backbone.shapes, backbone.shapes);
      await writeGgufFolder(join(folder, "out"), model, { keepBits: false });
      const opened = await openModelFolder(join(folder, "out"));
      for (const [parameter, found] of await readParameters(opened, backbone.shapes)) {
        const expected = values.get(parameter)!;
        // 1 that is added and taken away again rounds
        const isExact = found.every((value, i) => Math.abs(value - expected[i]) < 2e-7);
        assert.ok(isExact, parameter);
      }
    });
  });
}

Deno.test("the rows of Llama's queries and keys are reordered as reshape(heads, 2, n).swapaxes(1, 2) orders them", async () => {
  await withTemporaryFolder(async (folder) => {
    const { tensors } = smallModel("llama");
    // heads of 8: row h, half, j of the model is row h, j, half of the file
    const marked = Float32Array.from({ length: 32 * 32 }, (_, i) => Math.floor(i / 32));
    const path = await written(folder, smallMetadata("llama"), {
      ...tensors,
      "blk.0.attn_q.weight": floatTensor([32, 32], marked),
    });
    const model = await openGgufModel(path);
    await writeGgufFolder(join(folder, "out"), model, { keepBits: false });
    const name = "model.layers.0.self_attn.q_proj.weight";
    const opened = await openModelFolder(join(folder, "out"));
    const found = await opened.weights.readFloat32(name);
    const rows = Array.from({ length: 32 }, (_, row) => found[32 * row]);
    assert.deepEqual(rows.slice(0, 10), [0, 2, 4, 6, 1, 3, 5, 7, 8, 10]);
  });
});

Deno.test("matrices that stay in their bits give the tokens and logits of those that become float32", async () => {
  await withTemporaryFolder(async (folder) => {
    for (const type of Object.keys(blockTypes) as (keyof typeof blockTypes)[]) {
      const { values, bytes } = blockTypes[type];
      if (values === 1) continue;
      const width = Math.max(32, values);
      const { tensors } = smallModel("llama", { width });
      const packed = Object.entries(tensors).map(([name, tensor], i) => {
        const [rows, columns] = tensor.shape;
        if (columns === undefined || columns % values !== 0) return [name, tensor] as const;
        const blocks = randomBlocks(type, rows * columns / values, i);
        assert.equal(blocks.length, rows * columns / values * bytes);
        return [name, { type, shape: tensor.shape, bytes: blocks }] as const;
      });
      const metadata = smallMetadata("llama", { width });
      const path = await written(folder, metadata, Object.fromEntries(packed));
      const logits = await Promise.all([false, true].map(async (keepBits) => {
        const out = join(folder, `${type}-${keepBits}`);
        await writeGgufFolder(out, await openGgufModel(path), { keepBits });
        const { base } = await openBase(out, { name: "cpu" });
        await using _base = base;
        using reading = await base.start([[3, 4, 5], [7, 8]]);
        return reading.candidates.logits.data as Float32Array;
      }));
      const largest = logits[0].reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
      logits[0].forEach((logit, i) =>
        assert.ok(Math.abs(logit - logits[1][i]) < 3e-4 * largest, `${type}: ${logit}`)
      );
    }
  });
});

Deno.test("a GGUF file is a base as any folder is", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await written(folder, smallMetadata("llama"), smallModel("llama").tensors);
    const out = join(folder, "out");
    await writeGgufFolder(out, await openGgufModel(path), { keepBits: false });
    const { base, tokenizer } = await openBase(out, { name: "cpu" });
    await using _base = base;
    assert.deepEqual(tokenizer.encode("ab"), [2, 3]);
    const { continuations } = await generate(base, [tokenizer.encode("ab")], {
      maxNewTokens: 3,
      temperature: 0,
      samples: 1,
      ends: [],
    });
    assert.equal(continuations[0][0].length, 3);
  });
});

Deno.test("what is not supported, or does not fit together, is one sentence that says what", async () => {
  await withTemporaryFolder(async (folder) => {
    const metadata = smallMetadata("llama");
    const { tensors } = smallModel("llama");
    const cases: [Record<string, Metadatum>, Record<string, TensorBytes>, RegExp][] = [
      [
        { ...metadata, "general.architecture": ["text", "mamba"] },
        tensors,
        /architecture "mamba", which is not supported; it must be "gpt2", "llama", /,
      ],
      [{ ...metadata, "tokenizer.ggml.model": ["text", "bert"] }, tensors, /kind "bert"/],
      [{ ...metadata, "tokenizer.ggml.pre": ["text", "nonsense"] }, tensors, /way "nonsense"/],
      [{ ...metadata, "llama.expert_count": ["u32", 8] }, tensors, /expert_count: 8/],
      [{ ...metadata, "llama.rope.scaling.type": ["text", "yarn"] }, tensors, /"yarn"/],
      [
        { ...metadata, "llama.block_count": ["u32", 3] },
        tensors,
        /has no tensor blk\.2\.attn_norm\.weight/,
      ],
      [
        { ...metadata, "llama.block_count": ["u32", 1] },
        tensors,
        /has a tensor blk\.1\.attn_norm\.weight, which/,
      ],
      [
        metadata,
        { ...tensors, "output_norm.weight": floatTensor([31], new Float32Array(31)) },
        /output_norm\.weight has shape \[31\], but its metadata ask for \[32\]/,
      ],
      [
        metadata,
        { ...tensors, "token_embd.weight": floatTensor([9, 32], new Float32Array(9 * 32)) },
        /has 23 tokens and embeddings of 9 only/,
      ],
    ];
    for (const [metadata, tensors, message] of cases) {
      const path = await written(folder, metadata, tensors);
      await assert.rejects(openGgufModel(path), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    }
  });
});
