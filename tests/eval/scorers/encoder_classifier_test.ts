import assert from "node:assert/strict";
import { join } from "node:path";
import { openScorer } from "../../../lib/eval/scorers/mod.ts";
import {
  encoderModels,
  encoderShapes,
  encoderValues,
  writeEncoderModel,
} from "../../encoders/encoder_cases.ts";
import { saidBy } from "../../encoders/said_by.ts";
import { largestDifference } from "../../run_graph.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { withHub } from "../../weights/hub/hub_cache.ts";
import { torchFile } from "../../torch_file.ts";
import { tinyScores, writeTinyClassifier } from "./tiny_classifier.ts";

for (const model of encoderModels) {
  Deno.test(`${model.name}: a folder of safetensors scores as transformers' pipeline does`, async () => {
    await withTemporaryFolder(async (folder) => {
      await writeEncoderModel(folder, model);
      await using scorer = await openScorer(folder);
      assert.deepEqual(scorer.labels, model.labels);
      const told: number[] = [];
      const texts = model.cases.map(({ text }) => text);
      let scores: ArrayLike<number> = [];
      const said = await saidBy(async () => {
        scores = await scorer.score(texts, {
          onScored: (scored) => told.push(...scored.map(({ index }) => index)),
        });
        await scorer.score(texts);
      });
      const difference = largestDifference(
        scores,
        model.cases.flatMap(({ probabilities }) => probabilities),
      );
      assert.ok(difference < 2e-6, `${difference}`);
      assert.deepEqual(told.sort(), model.cases.map((_, i) => i));
      // that some are too long is said once, however often they are scored
      assert.equal(said.length, 1);
      assert.match(said[0], /^\d of \d texts have more than the \d+ tokens that /);
    });
  });
}

const [bert] = encoderModels;

Deno.test("a classifier whose scores are no numbers ends the scoring, and names the texts", async () => {
  await withTemporaryFolder(async (folder) => {
    const values = encoderValues(bert);
    values.get("classifier.bias")![0] = NaN;
    await writeEncoderModel(folder, bert, values);
    await using scorer = await openScorer(folder);
    await assert.rejects(scorer.score(["a good film", "a bad one"]), {
      message:
        `The scorer '${scorer.name}' gave a score that is no number for text 1, 2 of 2, "a good film"; check its weights.`,
    });
  });
});

Deno.test("a classifier's version is that of its weights, and the same of a state dict is another", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeEncoderModel(folder, bert);
    const open = async () => {
      await using scorer = await openScorer(folder);
      return { version: scorer.version, scores: await scorer.score(["a good film"]) };
    };
    const first = await open();
    assert.match(first.version, /^[0-9a-f]{12}$/);
    assert.deepEqual(await open(), first);
    await Deno.remove(join(folder, "model.safetensors"));
    const values = encoderValues(bert);
    const state = torchFile(Object.fromEntries(
      [...encoderShapes(bert)].map(([name, shape]) => [name, { data: values.get(name)!, shape }]),
    ));
    await Deno.writeFile(join(folder, "pytorch_model.bin"), state);
    const second = await open();
    assert.deepEqual(second.scores, first.scores);
    assert.notEqual(second.version, first.version);
  });
});

Deno.test("a folder with a graph for transformers.js besides is read from its safetensors, unless another dtype is asked for", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTinyClassifier(folder);
    await using graph = await openScorer(folder);
    assert.ok(largestDifference(await graph.score(["good"]), tinyScores("good")) < 1e-6);
    await writeEncoderModel(folder, bert);
    await using scorer = await openScorer(folder);
    assert.deepEqual(scorer.labels, bert.labels);
    await assert.rejects(openScorer(folder, { dtype: "q8" }), /model_quantized\.onnx/);
  });
});

Deno.test("a classifier that cannot be used is refused in one sentence", async () => {
  await withTemporaryFolder(async (folder) => {
    const refused = async (config: Record<string, unknown>, message: RegExp) => {
      await writeEncoderModel(folder, { ...bert, config: { ...bert.config, ...config } });
      await assert.rejects(openScorer(folder), (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /^[^\n]+\.$/);
        return true;
      });
    };
    await refused(
      { problem_type: "regression" },
      /says problem_type: "regression", whose values are no probabilities: name a classifier of /,
    );
    await refused(
      { id2label: { 1: "a" } },
      /has no usable id2label: it must name the label of each/,
    );
    await refused(
      { id2label: { 0: "a", 1: "b" } },
      /classifier\.weight has shape \[3,12\], but config\.json asks for \[2,12\]/,
    );
    await refused(
      { architectures: ["BertModel"] },
      /^'.*' holds a BertModel, which is no classifier of texts: name one, or train one on its embeddings with `deno task /,
    );
    await writeEncoderModel(folder, bert);
    await Deno.writeTextFile(
      join(folder, "config.json"),
      JSON.stringify({
        model_type: "deberta-v2",
        architectures: ["DebertaV2ForSequenceClassification"],
      }),
    );
    await assert.rejects(openScorer(folder), /model_type: "deberta-v2", which is no encoder/);
  });
});

Deno.test("a classifier on the hub without a graph for transformers.js scores from its safetensors", async () => {
  await withHub(async ({ hub, parent, options }) => {
    const folder = join(parent, "toxic");
    await Deno.mkdir(folder);
    await writeEncoderModel(folder, bert);
    await hub.serveFolder("owner/toxic", folder);
    await using scorer = await openScorer("owner/toxic", options);
    await using local = await openScorer(folder);
    assert.deepEqual([scorer.name, scorer.version], ["owner/toxic", local.version]);
    const texts = ["a good film", "bad"];
    assert.deepEqual(await scorer.score(texts), await local.score(texts));
    await assert.rejects(
      openScorer("owner/toxic", { ...options, dtype: "q8" }),
      /it has no onnx\/model_quantized\.onnx \(dtype q8\)/,
    );
  });
});

Deno.test("labels without names are called as Hugging Face calls them", async () => {
  await withTemporaryFolder(async (folder) => {
    const { id2label: _, label2id: __, ...config } = bert.config;
    await writeEncoderModel(folder, { ...bert, config: { ...config, num_labels: 3 } });
    await using scorer = await openScorer(folder);
    assert.deepEqual(scorer.labels, ["LABEL_0", "LABEL_1", "LABEL_2"]);
  });
});
