import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { generate } from "../../lib/decode/generate.ts";
import { openBase, type OpenBaseOptions } from "../../lib/bases/open_base.ts";
import { sizeText } from "../../lib/files/room.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { initialize } from "../../lib/models/initialization.ts";
import { lookOf } from "../../lib/notebook/display.ts";
import { Random } from "../../lib/random.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { cpu } from "../run_graph.ts";
import { closedAddress } from "../closed_port.ts";
import { HubServer } from "../hub_server.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters, tinySizes } from "../tiny_models.ts";
import { smallBackbone } from "../models/random_backbone.ts";
import { withCompletionsServer } from "./completions_server.ts";

/** Runs `test` with a tiny language model that has a tokenizer, in our own form and exported. */
async function withFolders(
  test: (folders: { parent: string; own: string; exported: string }) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const [own, exported] = [join(parent, "own"), join(parent, "exported")];
    const backbone = gpt2Backbone({ ...tinySizes, vocabulary: 258 });
    const spec = { kind: "lm", backbone, bos: false } as const;
    const [values, shapes] = [randomParameters(spec, 1), shapesOf(spec)];
    await writeModelFolder(own, { config: modelSpecJson(spec), shapes, values });
    await writeTokenizer(own, trainByteLevelBpe(["abab"], { vocabSize: 258 }));
    await exportBaseModel(own, exported);
    await test({ parent, own, exported });
  });
}

async function continued(base: BaseModel): Promise<number[][][]> {
  const { continuations } = await generate(base, [[70, 71], [72]], {
    topK: 10,
    samples: 3,
    maxNewTokens: 8,
    seed: 5,
  });
  return continuations;
}

Deno.test("one model is opened from its folder, as a transformers.js folder and behind a server", async () => {
  await withFolders(async ({ own, exported }) => {
    await using direct = (await openBase(own, cpu)).base;
    const expected = await continued(direct);
    const opened = await openBase(exported, cpu);
    await using transformers = opened.base;
    assert.deepEqual(opened.tokenizer.encode("abab").length, 2);
    assert.equal(opened.tokenizerName, exported);
    assert.deepEqual(await continued(transformers), expected);

    const tokenizer = await loadTokenizer(own);
    await withCompletionsServer(transformers, tokenizer, {}, async (url) => {
      const served = await openBase(url, cpu, { tokenizer: own });
      await using base = served.base;
      assert.equal(served.tokenizerName, own);
      assert.deepEqual(await continued(base), expected);
      await assert.rejects(openBase(url, cpu), {
        name: "TypeError",
        message:
          /^The tokenizer of the model behind 'http:.*' is not known: name a folder, or a model/,
      });
    });
  });
});

Deno.test("a model shows what is known of it, however it was opened", async () => {
  await withFolders(async ({ own, exported }) => {
    const text = async (opened: object) => (await lookOf(opened))!["text/plain"] as string;
    const direct = await openBase(own, cpu);
    await using _ours = direct.base;
    assert.match(await text(direct), /^GPT-2 language model\n[^]*\ntotal /);
    const opened = await openBase(exported, cpu);
    await using transformers = opened.base;
    const known = await text(opened);
    assert.match(
      known,
      /^Language model of transformers.js\n\nkind +gpt2\nvocabulary +258 tokens\n/,
    );
    const files = await Array.fromAsync(Deno.readDir(join(exported, "onnx")));
    const stats = await Promise.all(
      files.map(({ name }) => Deno.stat(join(exported, "onnx", name))),
    );
    const bytes = stats.reduce((sum, { size }) => sum + size, 0);
    assert.ok(known.includes(`\non disk       ${sizeText(bytes)}\n`), known);
    await withCompletionsServer(transformers, opened.tokenizer, {}, async (url) => {
      const served = await openBase(url, cpu, { tokenizer: own });
      await using _base = served.base;
      assert.match(await text(served), /^Language model behind a server\n\nserver +http:/);
    });
  });
});

Deno.test("a folder with both kinds of weights is ours, unless a dtype is asked for", async () => {
  await withFolders(async ({ own }) => {
    await exportBaseModel(own, own);
    await using ours = (await openBase(own, cpu)).base;
    assert.ok(ours.graph);
    await using transformers = (await openBase(own, cpu, { dtype: "fp32" })).base;
    assert.ok(!transformers.graph);
  });
});

Deno.test("an option that does not go with the base model is refused", async () => {
  await withFolders(async ({ own, exported }) => {
    const cases: [string, OpenBaseOptions, string][] = [
      [
        own,
        { dtype: "q4" },
        `'${own}' is a folder with model.safetensors, which has no option 'dtype'`,
      ],
      [
        own,
        { revision: "main" },
        `'${own}' is a folder with model.safetensors, which has no option 'revision'`,
      ],
      [
        exported,
        { model: "a" },
        `'${exported}' is a transformers.js folder, which has no option 'model'`,
      ],
      [
        "http://127.0.0.1",
        { dtype: "q4" },
        "'http://127.0.0.1' is a server, which has no option 'dtype'",
      ],
    ];
    for (const [what, options, message] of cases) {
      await assert.rejects(openBase(what, cpu, options), {
        name: "TypeError",
        message: `${message}: leave it out.`,
      });
    }
  });
});

Deno.test("a name on the hub is fetched once, with its tokenizer, and opened as a folder of its kind is", async () => {
  await withFolders(async ({ parent, own, exported }) => {
    await using direct = (await openBase(own, cpu)).base;
    const expected = await continued(direct);
    await using hub = new HubServer();
    await hub.serveFolder("owner/onnx", exported);
    await hub.serveFolder("owner/own", own);
    await exportBaseModel(own, own);
    await hub.serveFolder("owner/both", own);
    const options = { endpoint: hub.endpoint, token: "", cacheFolder: join(parent, "cache") };
    const cases = [
      ["owner/onnx", {}, false],
      ["owner/own", {}, true],
      ["owner/both", {}, true],
      ["owner/both", { dtype: "fp32" }, false],
    ] as const;
    for (const [name, more, isOwn] of cases) {
      const open = async (offline: boolean) => {
        const { base, tokenizer, tokenizerName } = await openBase(name, cpu, {
          ...options,
          ...more,
          offline,
        });
        await using _ = base;
        assert.equal(tokenizerName, name);
        assert.equal(tokenizer.encode("abab").length, 2);
        assert.equal(base.graph !== undefined, isOwn);
        assert.deepEqual(await continued(base), expected);
      };
      await open(false);
      hub.requests.length = 0;
      await open(true);
      assert.equal(hub.requests.length, 0);
    }
    // of a model of ours, the graphs of transformers.js are not fetched, and the other way round
    const asked = (name: string) => hub.requests.filter(({ path }) => path.includes(name)).length;
    const fresh = { ...options, cacheFolder: join(parent, "fresh") };
    await (await openBase("owner/both", cpu, fresh)).base[Symbol.asyncDispose]();
    assert.deepEqual([asked("model.onnx"), asked("model.safetensors")], [0, 2]);
  });
});

Deno.test("a model on the hub is of any architecture whose folders are opened, and another is an error that names it", async () => {
  await withFolders(async ({ parent, own }) => {
    const spec = {
      kind: "lm",
      backbone: smallBackbone("qwen3", { vocabulary: 258 }),
      bos: false,
    } as const;
    const { shapes, fill } = spec.backbone;
    const values = initialize(shapes, fill, new Random(1, "weights"));
    await writeModelFolder(own, { config: modelSpecJson(spec), shapes, values });
    await using direct = (await openBase(own, cpu)).base;
    await using hub = new HubServer();
    await hub.serveFolder("owner/qwen", own);
    await Deno.writeTextFile(join(own, "config.json"), '{"model_type":"bert"}');
    await hub.serveFolder("owner/bert", own);
    const options = { endpoint: hub.endpoint, token: "", cacheFolder: join(parent, "cache") };
    await using served = (await openBase("owner/qwen", cpu, options)).base;
    assert.deepEqual(await continued(served), await continued(direct));
    await assert.rejects(openBase("owner/bert", cpu, options), {
      message:
        /^Cannot get the model 'owner\/bert' from the hub: its config.json says model_type: "bert": BERT reads whole texts and writes none/,
    });
  });
});

Deno.test("a model that the hub does not have, and a hub that is not there, are errors of one sentence", async () => {
  await withFolders(async ({ parent, exported }) => {
    await using hub = new HubServer();
    await hub.serveFolder("owner/tiny", exported);
    const options = {
      endpoint: hub.endpoint,
      token: "",
      cacheFolder: join(parent, "cache"),
      pause: 0,
    };
    const refuse = async (name: string, more: OpenBaseOptions, message: RegExp) =>
      await assert.rejects(openBase(name, cpu, { ...options, ...more }), (error: Error) => {
        assert.match(error.message, message);
        return !error.message.includes("\n");
      });
    const none = /^Cannot get the model 'owner\/none' from the hub: there is none of that name /;
    await refuse("owner/none", {}, none);
    await refuse("owner/tiny", { tokenizer: "owner/none" }, none);
    await refuse(
      "owner/tiny",
      { dtype: "q4" },
      /: it has no onnx\/model_q4\.onnx \(dtype q4\); it has fp32, so choose one of these\.$/,
    );
    await refuse(
      "owner/other",
      { endpoint: closedAddress() },
      /^Cannot get the model 'owner\/other' from the hub: .*check the network/,
    );
  });
});
