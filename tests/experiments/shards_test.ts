import assert from "node:assert/strict";
import { join } from "node:path";
import { files } from "../../lib/experiments/stages/files.ts";
import { generation } from "../../lib/experiments/stages/generation_stage.ts";
import { classifier, judged } from "../../lib/experiments/stages/judge_stages.ts";
import { languageModel } from "../../lib/experiments/stages/model_stages.ts";
import { worldPromptsStage, worldTexts } from "../../lib/experiments/stages/world_stages.ts";
import { divided } from "../../lib/stages/divided.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const context = { device: cpu, signal: new AbortController().signal };

Deno.test("texts and judgements of shards, merged, are byte for byte those of the undivided stages", async () => {
  await withTemporaryFolder(async (folder) => {
    const texts = worldTexts({ seed: 0, texts: 100 });
    const base = languageModel("a base", { texts }, {
      width: 8,
      layers: 1,
      heads: 2,
      positions: 40,
      vocabulary: 300,
      batchSize: 32,
      epochs: 1,
      rate: 1e-3,
      seed: 0,
    }, 1);
    const prompts = worldPromptsStage({ seed: 0, count: 401 });
    const generations = generation("unsteered", { base, prompts }, {
      topK: 5,
      samples: 2,
      maxNewTokens: 3,
      seed: 0,
    }, 1);
    const scorer = classifier("a judge", texts, ["positive"]);
    const measured = judged({ generations, scorer, fluency: base }, {
      label: "positive",
      reads: "whole",
    });
    const results: string[][] = [];
    const counts: number[] = [];
    for (const shards of [1, 2, 3]) {
      const store = new StageStore(join(folder, `${shards}`));
      const wanted = divided([generations, measured], shards);
      counts.push((await store.plan(wanted, context)).length);
      const [made, judgements] = await store.run(wanted, context);
      results.push([
        await Deno.readTextFile(join(made, files.generations)),
        await Deno.readTextFile(join(judgements, files.measured)),
      ]);
    }
    assert.deepEqual(counts, [6, 10, 12]);
    assert.equal(results[0][0].split("\n").length, 402);
    assert.equal(results[0][1].split("\n").length, 402);
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });
});
