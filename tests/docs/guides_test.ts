import { fromBinary, toBinary } from "@bufbuild/protobuf";
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ModelProtoSchema, TensorProto_DataLocation } from "onnx-buf";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { openTransformersBase } from "../../lib/bases/transformers_base.ts";
import { withHub } from "../cli/with_hub.ts";
import { withCompletionsServer } from "../bases/completions_server.ts";
import { writeTinyClassifier } from "../eval/scorers/tiny_classifier.ts";
import { serveTinyPaper, writeTinyPaperData } from "../experiments/tiny_paper.ts";
import type { HubServer } from "../hub_server.ts";
import { codeBlocksIn, programsIn, titleOf } from "./code_blocks.ts";
import { Reader } from "./reader.ts";
import { cpu } from "../run_graph.ts";

const docs = fileURLToPath(new URL("../../docs", import.meta.url));

/** The guides, in the order of the index: later ones use what the earlier ones made. */
async function guidesInOrder(): Promise<string[]> {
  const index = await Deno.readTextFile(join(docs, "README.md"));
  return [...index.matchAll(/\]\((guides\/[\w-]+\.md)\)/g)].map(([, path]) => join(docs, path));
}

/** Writes the last message alone: the tiny models have little room. */
const chatTemplate = "{{ messages[-1].content }} ";

/** Copies the files of a folder. */
async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await Deno.copyFile(join(from, name), join(to, name));
  }
}

/** Serves what the guides take from the hub: tiny models, under the names and in the formats that the hub has. */
async function serveGuides(hub: HubServer, parent: string): Promise<string> {
  const served = join(parent, "served");
  await serveTinyPaper(hub, served);
  const exported = join(parent, "exported");
  await exportBaseModel(join(served, "gpt2"), exported);
  await writeWholeGraph(join(exported, "onnx"), "model_quantized.onnx");
  await hub.serveFolder("Xenova/gpt2", exported);
  const instruct = join(parent, "instruct");
  await copy(join(served, "gpt2"), instruct);
  await Deno.writeTextFile(join(instruct, "chat_template.jinja"), chatTemplate);
  await hub.serveFolder("HuggingFaceTB/SmolLM2-135M-Instruct", instruct);
  const judge = join(parent, "judge");
  await writeTinyClassifier(judge, { id2label: { 0: "toxic", 1: "neutral" } });
  await hub.serveFolder("Xenova/toxic-bert", judge);
  return exported;
}

/** Writes a graph with its weights inside, as small graphs on the hub are; those there are rounded as well. */
async function writeWholeGraph(folder: string, name: string): Promise<void> {
  const model = fromBinary(ModelProtoSchema, await Deno.readFile(join(folder, "model.onnx")));
  const data = await Deno.readFile(join(folder, "model.onnx_data"));
  for (const tensor of model.graph!.initializer) {
    if (tensor.externalData.length === 0) continue;
    const place = new Map(tensor.externalData.map(({ key, value }) => [key, Number(value)]));
    const from = place.get("offset") ?? 0;
    tensor.rawData = data.slice(from, from + place.get("length")!);
    tensor.externalData = [];
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
  }
  await Deno.writeFile(join(folder, name), toBinary(ModelProtoSchema, model));
}

Deno.test("every guide is in the index, once", async () => {
  const files = [...Deno.readDirSync(join(docs, "guides"))].map(({ name }) => name).sort();
  assert.deepEqual((await guidesInOrder()).map((path) => basename(path)).sort(), files);
});

/**
 * A guide is followed from its top: commands run as they are, blocks of TypeScript that follow each other are one
 * program. In a fence, the name of a file says where a program is saved, for a command to run it; `no-run` keeps a block
 * from running, and so does `webgpu`, whose block `guide_on_webgpu_test.ts` follows.
 */
Deno.test({
  name: "the code of the guides runs, from the first guide's beginning to the last one's end",
  ignore: Deno.build.os === "windows",
  async fn(test) {
    await withHub(async (hub, parent, env) => {
      const exported = await serveGuides(hub, parent);
      const data = join(parent, "data");
      await writeTinyPaperData(data);
      await using model = await openTransformersBase(exported, cpu);
      await withCompletionsServer(model, await loadTokenizer(exported), {}, async (url) => {
        const checkout = join(parent, "checkout");
        await Deno.mkdir(checkout);
        const reader = await Reader.begin(checkout, { ...env, ARMATURE_DATA: data });
        for (const path of await guidesInOrder()) {
          const guide = basename(path, ".md");
          // the server that a guide speaks of is at another port here
          const text = (await Deno.readTextFile(path)).replaceAll("http://localhost:8000", url);
          for (const block of programsIn(codeBlocksIn(text))) {
            if (["no-run", "webgpu"].includes(block.note)) continue;
            const name = `${guide}, line ${block.line}: ${titleOf(block)}`;
            if (!await test.step(name, () => reader.follow(block, guide))) return;
          }
        }
      });
    });
  },
});
