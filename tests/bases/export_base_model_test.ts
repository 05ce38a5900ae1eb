import { AutoModelForCausalLM, AutoTokenizer, Tensor } from "@huggingface/transformers";
import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { openSafetensors, writeSafetensors } from "../../lib/weights/safetensors.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";
import { WholeTextModel } from "../whole_text_model.ts";

/** Continues a text by transformers.js's own `generate`, always with the likeliest token. */
async function generateInTransformersJs(folder: string, text: number[]): Promise<number[]> {
  const model = await AutoModelForCausalLM.from_pretrained(folder, {
    local_files_only: true,
    dtype: "fp32",
  });
  try {
    const ids = await model.generate({
      input_ids: new Tensor("int64", BigInt64Array.from(text, BigInt), [1, text.length]),
      max_new_tokens: 8,
      do_sample: false,
      // deno-lint-ignore no-explicit-any -- its types ask for more than its documentation
    } as any) as { tolist(): bigint[][] };
    return ids.tolist()[0].map(Number);
  } finally {
    await model.dispose();
  }
}

/** The same from the model that reads each text from its beginning. */
async function generateFromWholeTexts(folder: string, text: number[]): Promise<number[]> {
  await using whole = await WholeTextModel.open(folder);
  const ids = [...text];
  while (ids.length < text.length + 8 && (ids.length === text.length || !ended(ids))) {
    const [logits] = await whole.logits([ids]);
    ids.push(logits.indexOf(Math.max(...logits)));
  }
  return ids;
}

const ended = (ids: number[]) => ids.at(-1) === tinyBackbone.endOfText;

Deno.test("transformers.js continues texts with an exported model as the model itself does", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, "lm");
    await exportBaseModel(folder, join(parent, "exported"));
    for (const text of [[1], [7, 3, 3], [20, 40, 5, 9]]) {
      assert.deepEqual(
        await generateInTransformersJs(join(parent, "exported"), text),
        await generateFromWholeTexts(folder, text),
      );
    }
  });
});

Deno.test("an exported model brings its tokenizer, and may be written into its own folder", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, "lm");
    await writeTokenizer(folder, trainByteLevelBpe(["abab"], { vocabSize: 258 }));
    for (const exported of [join(parent, "exported"), folder]) {
      await exportBaseModel(folder, exported);
      await assert.rejects(exportBaseModel(folder, exported), {
        message:
          `'${exported}' is there already, and finished: use --overwrite (overwrite: true) to replace it, or another name.`,
      });
      await exportBaseModel(folder, exported, { overwrite: true });
      const tokenizer = await AutoTokenizer.from_pretrained(exported, { local_files_only: true });
      assert.equal(tokenizer.decode(tokenizer.encode("ab ba")), "ab ba");
      const config = JSON.parse(await Deno.readTextFile(join(exported, "config.json")));
      assert.deepEqual(config["transformers.js_config"], {
        use_external_data_format: { "model.onnx": 1 },
      });
    }
    await using whole = await WholeTextModel.open(folder);
    assert.equal(whole.spec.kind, "lm");
  });
});

Deno.test("weights in bfloat16 are exported as the numbers that they are", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, "lm");
    const weights = await openSafetensors(join(folder, "model.safetensors"));
    const halved = await Promise.all(
      [...weights.tensors].map(async ([name, { shape }]) => {
        const data = await weights.readFloat32(name);
        // the upper half of a float32 is a bfloat16
        const brains = new Uint16Array(data.buffer).filter((_, i) => i % 2 === 1);
        return [name, { dtype: "BF16", shape, data: brains }] as const;
      }),
    );
    await writeSafetensors(join(folder, "model.safetensors"), halved);
    await exportBaseModel(folder, join(parent, "exported"));
    const data = new Float32Array(
      (await Deno.readFile(join(parent, "exported", "onnx", "model.onnx_data"))).buffer,
    );
    const brains = await openSafetensors(join(folder, "model.safetensors"));
    const embedding = await brains.readFloat32("wte.weight");
    assert.deepEqual(data.subarray(0, embedding.length), embedding);
  });
});

Deno.test("a reward model is not exported", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, "arm");
    await assert.rejects(exportBaseModel(folder, join(parent, "exported")), {
      name: "TypeError",
      message: `'${folder}' holds a reward model (arm), and only a language model can be exported.`,
    });
  });
});
