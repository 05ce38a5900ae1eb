import assert from "node:assert/strict";
import { join } from "node:path";
import { embedTexts } from "../../lib/encoders/embed_texts.ts";
import { openEncoder } from "../../lib/encoders/open_encoder.ts";
import { writeModelFolder, writeTensorFolder } from "../../lib/weights/model_folder.ts";
import type { SafetensorsTensor } from "../../lib/weights/safetensors.ts";
import { writeSafetensors } from "../../lib/weights/safetensors.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { torchFile } from "../torch_file.ts";
import {
  encoderModels,
  encoderShapes,
  encoderValues,
  writeEncoderFiles,
  writeEncoderModel,
} from "./encoder_cases.ts";
import { saidBy } from "./said_by.ts";

const [bert] = encoderModels;
const texts = bert.cases.map(({ text }) => text);

const write = (path: string, content: unknown) => Deno.writeTextFile(path, JSON.stringify(content));

/** Makes a folder one of sentence-transformers. */
async function writeModules(
  folder: string,
  pooling: Record<string, unknown>,
  kinds = ["Transformer", "Pooling", "Normalize"],
): Promise<void> {
  await Deno.mkdir(join(folder, "1_Pooling"), { recursive: true });
  const paths = ["", "1_Pooling", "2_Normalize"];
  await write(
    join(folder, "modules.json"),
    kinds.map((kind, idx) => ({
      idx,
      path: paths[idx],
      type: `sentence_transformers.models.${kind}`,
    })),
  );
  await write(join(folder, "1_Pooling", "config.json"), pooling);
}

async function embeddings(folder: string, of = texts): Promise<Float32Array[]> {
  await using encoder = await openEncoder(folder, cpu);
  return await embedTexts(encoder, of, { batchSize: 3 });
}

function near(got: readonly ArrayLike<number>[], wanted: readonly ArrayLike<number>[]): void {
  assert.equal(got.length, wanted.length);
  got.forEach((row, i) => {
    const difference = largestDifference(row, wanted[i]);
    assert.ok(difference < 5e-6, `text ${i}: ${difference}`);
  });
}

const normalized = (row: readonly number[]) => {
  const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
  return row.map((x) => x / length);
};

Deno.test("texts have the vectors that a folder of sentence-transformers asks for, in any order and batch", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeEncoderModel(folder, bert);
    const { cases } = bert;
    const means = cases.map(({ mean }) => mean);
    const said = await saidBy(async () => {
      near(await embeddings(folder), means);
      const poolings: [Record<string, unknown>, (readonly number[])[]][] = [
        [{ pooling_mode_mean_tokens: true, pooling_mode_cls_token: false }, means],
        [{ pooling_mode_cls_token: true }, cases.map(({ hidden: [first] }) => first)],
        [{ pooling_mode_max_tokens: true }, cases.map(({ max }) => max)],
        [{ pooling_mode: "mean" }, means],
      ];
      for (const [pooling, wanted] of poolings) {
        await writeModules(folder, pooling, ["Transformer", "Pooling"]);
        near(await embeddings(folder), wanted);
        await writeModules(folder, pooling);
        near(await embeddings(folder), wanted.map(normalized));
      }
      const backwards = [...texts].reverse();
      near(await embeddings(folder, backwards), [...means].reverse().map(normalized));
    });
    // once an encoder, however many texts are read
    assert.equal(said.length, 10);
    assert.match(said[0], /^1 of 8 texts have more than the 14 tokens that '.*' reads: the rest /);
  });
});

Deno.test("sentence_bert_config.json says how much of a text is read, and whether in lower case", async () => {
  const cased = encoderModels.find(({ name }) => name.endsWith("cased"))!;
  await withTemporaryFolder(async (folder) => {
    await writeEncoderModel(folder, cased);
    await writeModules(folder, { pooling_mode_mean_tokens: true });
    const [short, upper, lower] = ["the film was", "THE FILM", "the film"];
    const plain = await embeddings(folder, [short, lower]);
    await write(join(folder, "sentence_bert_config.json"), {
      max_seq_length: 5,
      do_lower_case: true,
    });
    await saidBy(async () => near(await embeddings(folder, [`${short} good`, upper]), plain));
    await using encoder = await openEncoder(folder, cpu);
    assert.equal(encoder.longestText, 5);
  });
});

Deno.test("weights may be in half precision, in several files, a state dict, or under older names", async () => {
  await withTemporaryFolder(async (folder) => {
    const values = encoderValues(bert);
    const shapes = encoderShapes(bert);
    const open = async () => await embeddings(folder, texts.slice(0, 3));
    await writeEncoderModel(folder, bert);
    const wanted = await open();
    const weights = join(folder, "model.safetensors");
    const remove = () => Deno.remove(weights);
    const tensors = (rename: (name: string) => string) =>
      [...shapes].map(([name, shape]): [string, SafetensorsTensor] => [
        rename(name),
        { dtype: "F32", shape, data: values.get(name)! },
      ]);
    const renamings: ((name: string) => string)[] = [
      (name) => name.replace(/^bert\./, ""),
      (name) => `module.${name}`,
      (name) =>
        name.replace(/LayerNorm\.weight$/, "LayerNorm.gamma")
          .replace(/LayerNorm\.bias$/, "LayerNorm.beta"),
    ];
    for (const rename of renamings) {
      await writeSafetensors(weights, tensors(rename));
      near(await open(), wanted);
    }

    const cut = new Map([...values].map(([name, of]) => {
      const bits = new Uint32Array(of.slice().buffer).map((each) => each & 0xffff0000);
      return [name, new Float32Array(bits.buffer)];
    }));
    await writeModelFolder(folder, { config: bert.config, shapes, values: cut });
    const rough = await open();
    await writeTensorFolder(folder, {
      config: bert.config,
      tensors: [...shapes].map(([name, shape]) => {
        const bits = Uint16Array.from(
          new Uint32Array(cut.get(name)!.buffer),
          (each) => each >>> 16,
        );
        return [name, { dtype: "BF16", shape, data: bits }];
      }),
    });
    near(await open(), rough);
    assert.ok(largestDifference(rough[0], wanted[0]) > 1e-4, "it would be seen");

    await remove();
    const all = tensors((name) => name);
    const parts = [all.slice(0, 9), all.slice(9)];
    const files = parts.map((_, i) => `model-0000${i + 1}-of-00002.safetensors`);
    await Promise.all(parts.map((part, i) => writeSafetensors(join(folder, files[i]), part)));
    await write(join(folder, "model.safetensors.index.json"), {
      weight_map: Object.fromEntries(
        parts.flatMap((part, i) => part.map(([name]) => [name, files[i]])),
      ),
    });
    near(await open(), wanted);

    await Deno.remove(join(folder, "model.safetensors.index.json"));
    const state = torchFile(Object.fromEntries(
      [...shapes].map(([name, shape]) => [name, { data: values.get(name)!, shape }]),
    ));
    await Deno.writeFile(join(folder, "pytorch_model.bin"), state);
    near(await open(), wanted);
  });
});

Deno.test("an encoder's version is that of its files, wherever they are, and another where pooling is another", async () => {
  await withTemporaryFolder(async (parent) => {
    const versionOf = async (name: string, pooling?: Record<string, unknown>) => {
      const folder = join(parent, name);
      await Deno.mkdir(folder, { recursive: true });
      await writeEncoderModel(folder, bert);
      if (pooling) await writeModules(folder, pooling);
      await using encoder = await openEncoder(folder, cpu);
      return encoder.version;
    };
    const mean = await versionOf("a", { pooling_mode_mean_tokens: true });
    assert.match(mean, /^[0-9a-f]{12}$/);
    assert.equal(await versionOf("b", { pooling_mode_mean_tokens: true }), mean);
    const others = [await versionOf("b", { pooling_mode_cls_token: true }), await versionOf("c")];
    assert.equal(new Set([mean, ...others]).size, 3);
  });
});

Deno.test("a folder whose vectors cannot be had is refused in one sentence", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeEncoderModel(folder, bert);
    const refused = async (message: RegExp) =>
      await assert.rejects(openEncoder(folder, cpu), (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /^[^\n]+\.$/);
        return true;
      });
    const mean = { pooling_mode_mean_tokens: true };
    await writeModules(folder, { pooling_mode_lasttoken: true });
    await refused(
      /asks for the pooling lasttoken, which is not supported: it must be one of mean, /,
    );
    await writeModules(folder, { ...mean, pooling_mode_max_tokens: true });
    await refused(/asks for the pooling mean with max, which is not supported/);
    await writeModules(folder, mean, ["Transformer", "Pooling", "Dense"]);
    await refused(/names the modules Transformer, Pooling, Dense, which is not supported/);
    const elsewhere = ["Transformer", "Pooling"].map((kind) => ({ type: kind, path: "../other" }));
    await write(join(folder, "modules.json"), elsewhere);
    await refused(
      /puts a module into "\.\.\/other", which is no folder beside it; download it again/,
    );
    await writeModules(folder, mean);
    const prompts = join(folder, "config_sentence_transformers.json");
    await write(prompts, { default_prompt_name: "query" });
    await refused(/has the default prompt "query", which is not supported/);
    await Deno.remove(prompts);
    await write(join(folder, "config.json"), { ...bert.config, model_type: "llama" });
    await refused(/says model_type: "llama", which is no encoder/);
    await write(join(folder, "config.json"), { ...bert.config, hidden_size: 24 });
    await refused(/has shape \[24,12\], but config\.json asks for \[24,24\]/);
  });
});

Deno.test("a tokenizer with more tokens than the model is found when such a token comes", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeEncoderModel(folder, bert);
    await writeEncoderFiles(folder, {
      ...bert,
      files: { "vocab.txt": `${bert.files["vocab.txt"]}surplus\n` },
    });
    await using encoder = await openEncoder(folder, cpu);
    await assert.rejects(
      embedTexts(encoder, ["a surplus"]),
      /^RangeError: The tokenizer in '.*' gives the token 24, but the model has 24 tokens: use the /,
    );
  });
});

Deno.test("a long text is not computed with short ones, which would be padding for the most part", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeEncoderModel(folder, bert);
    await using encoder = await openEncoder(folder, cpu);
    const batches: number[][] = [];
    await encoder.embed(["good", "the film was good and not bad .", "", "bad film"], {
      batchSize: 4,
      onEmbedded: (embedded) => batches.push(embedded.map(({ index }) => index)),
    });
    // of 2 to 4, and of 10 tokens
    assert.deepEqual(batches, [[2, 0, 3], [1]]);
  });
});

Deno.test("a signal stops the reading of texts between batches", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeEncoderModel(folder, bert);
    await using encoder = await openEncoder(folder, cpu);
    const controller = new AbortController();
    let batches = 0;
    const reading = encoder.embed(Array(9).fill("good"), {
      batchSize: 2,
      signal: controller.signal,
      onEmbedded: () => ++batches === 2 && controller.abort(new Error("enough")),
    });
    await assert.rejects(reading, /enough/);
    assert.equal(batches, 2);
  });
});
