import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
} from "onnx-buf";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { type Dtype, dtypes, openTransformersBase } from "../../lib/bases/transformers_base.ts";
import { generate } from "../../lib/decode/generate.ts";
import { megabytesGrown } from "../printed_by.ts";
import { webgpuTest } from "../runtime/webgpu.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";
import { WholeTextModel } from "../whole_text_model.ts";
import { checkBaseReadings } from "./base_property.ts";
import { cpu } from "../run_graph.ts";

/** Runs `test` with one of the tiny language models, exported for transformers.js. */
async function withExported(
  name: "lm" | "bosLm",
  test: (exported: string, whole: WholeTextModel) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, name);
    const exported = join(parent, "exported");
    await exportBaseModel(folder, exported);
    await using whole = await WholeTextModel.open(folder);
    await test(exported, whole);
  });
}

/** Writes the graph of an exported model again, with caches and logits in float16. */
async function writeHalfPrecisionGraph(exported: string): Promise<void> {
  const bytes = await Deno.readFile(join(exported, "onnx", "model.onnx"));
  const model = fromBinary(ModelProtoSchema, bytes);
  const graph = model.graph!;
  const halves = new Set<string>();
  for (const { name, type } of [...graph.input, ...graph.output]) {
    if (type?.value.case !== "tensorType" || type.value.value.elemType !== 1) continue;
    type.value.value.elemType = 10;
    halves.add(name);
  }
  const inside = (name: string) => halves.has(name) ? `${name} as float32` : name;
  const cast = (from: string, into: string, to: number) =>
    create(NodeProtoSchema, {
      opType: "Cast",
      input: [from],
      output: [into],
      attribute: [
        create(AttributeProtoSchema, {
          name: "to",
          type: AttributeProto_AttributeType.INT,
          i: BigInt(to),
        }),
      ],
    });
  for (const node of graph.node) {
    node.input = node.input.map(inside);
    node.output = node.output.map(inside);
  }
  const inputs = graph.input.filter(({ name }) => halves.has(name));
  graph.node = [
    ...inputs.map(({ name }) => cast(name, inside(name), 1)),
    ...graph.node,
    ...graph.output.map(({ name }) => cast(inside(name), name, 10)),
  ];
  const path = join(exported, "onnx", "model_fp16.onnx");
  await Deno.writeFile(path, toBinary(ModelProtoSchema, model));
}

Deno.test("a transformers.js model gives the candidates and logits of the whole texts", async () => {
  await withExported("lm", async (exported, whole) => {
    await using base = await openTransformersBase(exported, cpu);
    await checkBaseReadings(base, whole);
  });
});

Deno.test("a transformers.js model reads BOS first where it was trained to", async () => {
  await withExported("bosLm", async (exported, whole) => {
    const { endOfText, context } = tinyBackbone;
    await using base = await openTransformersBase(exported, cpu);
    assert.equal(base.longestText, context - 1);
    await checkBaseReadings(base, whole, { begin: [endOfText] });
  });
});

Deno.test("a transformers.js model writes what the model it was made of writes, penalized and cut as it is", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, "bosLm");
    await exportBaseModel(folder, join(parent, "exported"));
    await using own = await openBaseModel(folder, cpu);
    await using base = await openTransformersBase(join(parent, "exported"), cpu);
    for (const cuts of [{ repetitionPenalty: 1.5 }, { repetitionPenalty: 0.6, minP: 0.1 }]) {
      const options = { topK: 12, samples: 3, maxNewTokens: 8, seed: 2, ends: [], ...cuts };
      const [expected, written] = await Promise.all(
        [own, base].map((model) => generate(model, [[3, 1, 4], [], [9]], options)),
      );
      assert.deepEqual(written.continuations, expected.continuations);
    }
  });
});

Deno.test("a transformers.js model tells its vocabulary, its end of text and the room in its context", async () => {
  await withExported("lm", async (exported) => {
    await using base = await openTransformersBase(exported, cpu);
    const { vocabulary, endOfText, context } = tinyBackbone;
    assert.deepEqual(
      [base.vocabulary, base.ends, base.longestText],
      [vocabulary, [endOfText], context],
    );
  });
});

Deno.test("a transformers.js model with float16 caches and logits is near the one in float32", async () => {
  await withExported("lm", async (exported, whole) => {
    await writeHalfPrecisionGraph(exported);
    await using base = await openTransformersBase(exported, cpu, { dtype: "fp16" });
    await checkBaseReadings(base, whole, { tolerance: 0.05 });
  });
});

webgpuTest("a transformers.js model keeps its caches there", async (device) => {
  await withExported("lm", async (exported, whole) => {
    await using base = await openTransformersBase(exported, device);
    await checkBaseReadings(base, whole, { tolerance: 1e-3, numRuns: 5 });
  });
});

Deno.test("batches leave no memory behind", async () => {
  await withExported("lm", async (exported) => {
    const grown = await megabytesGrown(
      new URL("transformers_growth.ts", import.meta.url),
      exported,
    );
    assert.ok(grown < 100, `${grown} MB more after 30 batches`);
  });
});

Deno.test("a model that is not there, or not in that dtype, is refused in one sentence", async () => {
  await withExported("lm", async (exported) => {
    const none = join(exported, "none");
    await assert.rejects(openTransformersBase(none, cpu), {
      message: `Cannot open the model '${none}': there is no such folder, so check the path.`,
    });
    await assert.rejects(openTransformersBase(exported, cpu, { dtype: "q4" }), {
      message:
        `Cannot open the model '${exported}': it has no onnx/model_q4.onnx (dtype q4); it has fp32, so ` +
        "choose one of these.",
    });
    await Deno.writeTextFile(join(exported, "onnx", "model_q8.onnx"), "");
    await Deno.writeTextFile(join(exported, "onnx", "model_quantized.onnx"), "not a graph");
    await assert.rejects(
      openTransformersBase(exported, cpu, { dtype: "q8" }),
      ({ message }: Error) => message.startsWith(`Cannot open the model '${exported}': `),
    );
  });
});

Deno.test("a dtype is the file that transformers.js keeps it in, and the file may have another name", async () => {
  await withExported("lm", async (exported) => {
    const endings = { fp16: "_fp16", q8: "_quantized", int8: "_int8", uint8: "_uint8", q4: "_q4" };
    const more = { q4f16: "_q4f16", bnb4: "_bnb4" };
    const files = Object.entries({ fp32: "", ...endings, ...more }) as [Dtype, string][];
    assert.deepEqual(files.map(([dtype]) => dtype), dtypes);
    const path = (file: string) => join(exported, "onnx", `${file}.onnx`);
    await Deno.copyFile(path("model"), path("decoder_model_merged"));
    await Deno.rename(path("model"), path("kept"));
    await using merged = await openTransformersBase(exported, cpu, {
      file: "decoder_model_merged",
    });
    assert.equal(merged.vocabulary, tinyBackbone.vocabulary);
    for (const [dtype, ending] of files) {
      await Deno.copyFile(path("kept"), path(`model${ending}`));
      await using base = await openTransformersBase(exported, cpu, { dtype });
      using reading = await base.start([[1, 2]], 3);
      assert.deepEqual(reading.candidates.logits.dims, [1, 3]);
      await Deno.remove(path(`model${ending}`));
    }
  });
});

Deno.test("a vocabulary that is not the model's is refused", async () => {
  await withExported("lm", async (exported) => {
    const path = join(exported, "config.json");
    const config = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...config, vocab_size: 99 }));
    await using base = await openTransformersBase(exported, cpu);
    await assert.rejects(base.start([[1]], 3), {
      name: "RangeError",
      message: `The model of '${exported}' has logits of 61 tokens, but its config.json says ` +
        "vocab_size 99: correct that file.",
    });
  });
});

Deno.test("a setting that is no whole number is refused by its name", async () => {
  await withExported("lm", async (exported) => {
    const path = join(exported, "config.json");
    const config = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...config, bos_token_id: 60.5 }));
    await assert.rejects(openTransformersBase(exported, cpu), {
      name: "RangeError",
      message:
        `The config.json of '${exported}' says bos_token_id: 60.5; it must be a whole number.`,
    });
  });
});

Deno.test("tensors of a graph are read from its own folder and from nowhere else", async () => {
  await withExported("lm", async (exported) => {
    const path = join(exported, "onnx", "model.onnx");
    const model = fromBinary(ModelProtoSchema, await Deno.readFile(path));
    const locations = model.graph!.initializer.flatMap(({ externalData }) =>
      externalData.filter(({ key }) => key === "location")
    );
    assert.ok(locations.length > 0);
    const outside = join(exported, "outside");
    await Deno.rename(join(exported, "onnx", "model.onnx_data"), outside);
    await Deno.symlink(outside, join(exported, "onnx", "link"));
    for (const place of ["../outside", outside, "link"]) {
      for (const location of locations) location.value = place;
      await Deno.writeFile(path, toBinary(ModelProtoSchema, model));
      await assert.rejects(
        openTransformersBase(exported, cpu),
        /^Error: Cannot open the model '.*': .*(escapes model directory|Absolute path not allowed)/,
      );
    }
  });
});

Deno.test("a graph whose file of tensors is missing is refused in one sentence", async () => {
  await withExported("lm", async (exported) => {
    await Deno.remove(join(exported, "onnx", "model.onnx_data"));
    await assert.rejects(
      openTransformersBase(exported, cpu),
      (error: Error) =>
        error.message.startsWith(`Cannot open the model '${exported}': `) &&
        error.message.includes("model.onnx_data"),
    );
  });
});

Deno.test("a graph that fits no texts names its model when it is run", async () => {
  await withExported("lm", async (exported) => {
    const path = join(exported, "onnx", "model.onnx");
    const model = fromBinary(ModelProtoSchema, await Deno.readFile(path));
    // the vectors of all tokens are added to those of a few
    model.graph!.node.find(({ opType }) => opType === "Add")!.input[1] = "wte.weight";
    await Deno.writeFile(path, toBinary(ModelProtoSchema, model));
    await using base = await openTransformersBase(exported, cpu);
    await assert.rejects(
      base.start([[1, 2, 3]]),
      (error: Error) => error.message.startsWith(`Cannot run the model '${exported}': `),
    );
  });
});
