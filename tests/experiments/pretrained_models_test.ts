import assert from "node:assert/strict";
import { join } from "node:path";
import { openScorer } from "../../lib/eval/scorers/mod.ts";
import { trainPretrainedModels } from "../../lib/experiments/pretrained_models.ts";
import { trainLanguageModel } from "../../lib/train/train_language_model.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("an ARM and its judge are trained on a model and texts of this machine, and the ARM once", async () => {
  await withTemporaryFolder(async (folder) => {
    const [models, data, out] = ["models", "data", "out"].map((name) => join(folder, name));
    const rows = Array.from({ length: 120 }, (_, i) => ({
      prompt: { text: `you kind friend number ${i}`, toxicity: 0.1 },
      continuation: { text: `you awful fool number ${i}`, toxicity: 0.9 },
    }));
    await Deno.mkdir(join(data, "realtoxicity"), { recursive: true });
    await Deno.writeTextFile(
      join(data, "realtoxicity", "scored.jsonl"),
      rows.map((row) => JSON.stringify(row) + "\n").join(""),
    );
    const base = join(models, "SmolLM2-135M-Instruct");
    await trainLanguageModel(rows.map(({ prompt }) => prompt.text), cpu, {
      out: base,
      vocabularySize: 300,
      width: 16,
      layers: 1,
      heads: 2,
      contextLength: 40,
      maxSteps: 1,
    });

    const stages: string[] = [];
    const options = { models, data, out, attributes: ["polite"], texts: 100 } as const;
    const trained = await trainPretrainedModels(cpu, {
      ...options,
      onStage: (stage) => stages.push(stage),
    });
    const [polite, judge] = [join(out, "polite"), join(out, "polite-judge")];
    assert.deepEqual({ ...trained }, { base, arms: { polite }, judges: { polite: judge } });
    assert.deepEqual(stages, ["Training an ARM that rates how polite a text is"]);
    await using scorer = await openScorer(judge);
    const [kind, awful] = await scorer.score(["you kind friend", "you awful fool"]);
    assert.ok(kind > 0.6 && awful < 0.4, `${kind}, ${awful}`);

    const weights = () => Deno.stat(join(polite, "model.safetensors"));
    const { mtime } = await weights();
    await trainPretrainedModels(cpu, options);
    assert.deepEqual((await weights()).mtime, mtime);
  });
});
