import assert from "node:assert/strict";
import { join } from "node:path";
import { openEncoder } from "../../lib/encoders/open_encoder.ts";
import { writeClassifierFolder } from "../../lib/eval/classifier_folder.ts";
import { EmbeddingClassifier } from "../../lib/eval/embedding_classifier.ts";
import { openScorer } from "../../lib/eval/scorers/mod.ts";
import { localClassifier } from "../../lib/experiments/stages/local_classifier.ts";
import { keyOf } from "../../lib/stages/stage.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { encoderModels, writeEncoderModel } from "../encoders/encoder_cases.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("a judge of embeddings is copied with its encoder, and another encoder is another judge", async () => {
  await withTemporaryFolder(async (parent) => {
    const [folder, encoderFolder] = [join(parent, "judge"), join(parent, "bert")];
    await Deno.mkdir(encoderFolder);
    const [bert] = encoderModels;
    await writeEncoderModel(encoderFolder, bert);
    {
      await using encoder = await openEncoder(encoderFolder, cpu);
      const weights = Float64Array.from({ length: encoder.width }, (_, i) => i / 10);
      const classifier = new EmbeddingClassifier(0.1, weights);
      await writeClassifierFolder(folder, [{ label: "toxic", classifier }], encoder);
    }
    const score = async (path: string) => {
      await using scorer = await openScorer(path);
      return { version: scorer.version, scores: await scorer.score(["the soup", "good"]) };
    };
    const wanted = await score(folder);
    const stage = await localClassifier("the judge", folder);
    const store = new StageStore(join(parent, "stages"));
    const context = { device: cpu, signal: new AbortController().signal };
    const [copy] = await store.run([stage], context);
    const config = join(encoderFolder, "tokenizer_config.json");
    await Deno.writeTextFile(config, JSON.stringify({ model_max_length: 9 }));
    assert.notEqual(keyOf(await localClassifier("the judge", folder), cpu), keyOf(stage, cpu));
    await Deno.remove(encoderFolder, { recursive: true });
    assert.deepEqual(await score(copy), wanted);
  });
});
