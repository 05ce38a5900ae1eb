import assert from "node:assert/strict";
import { readPreferencePairs } from "../../lib/data/preference_pairs.ts";
import { planOptimum, readOptimum } from "../../lib/experiments/optimum_comparison.ts";
import { files, writeRows } from "../../lib/experiments/stages/files.ts";
import {
  labelledPairs,
  preferencePairs,
} from "../../lib/experiments/stages/preference_pairs_stage.ts";
import { worldProfile } from "../../lib/experiments/world_profile.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { given, givenPoint } from "./given_stages.ts";

const context = { device: cpu, signal: new AbortController().signal };

/** Pairs of two prompts with these continuations and scores. */
async function pairsOf(
  texts: readonly string[],
  scores: readonly (number | null)[],
  settings: { seed: number; scale: number },
) {
  let pairs = {} as Awaited<ReturnType<typeof readPreferencePairs>>;
  await withTemporaryFolder(async (folder) => {
    const judged = { scores, nats: [], units: [] };
    const { generations: [generations], measurements: [measured] } = givenPoint(
      "base",
      0,
      [[judged, judged]],
      texts,
    );
    const stage = preferencePairs("texts", { generations, measured }, settings);
    const [made] = await new StageStore(folder).run([stage], context);
    pairs = await readPreferencePairs(`${made}/${files.pairs}`);
  });
  return pairs;
}

Deno.test("of two texts of a prompt the better one is chosen, and what has no score is in no pair", async () => {
  const { prompts, chosen, rejected } = await pairsOf(
    [" good", " bad", " unjudged", " ", " worse", " better"],
    [0.9, 0.1, null, 0.5, 0.3, 0.4],
    { seed: 0, scale: 1e6 },
  );
  assert.deepEqual(prompts, ["0", "0", "1", "1"]);
  assert.deepEqual(chosen, [" good", " better", " good", " better"]);
  assert.deepEqual(rejected, [" bad", " worse", " bad", " worse"]);
});

Deno.test("the better text is chosen as often as Bradley and Terry say, by the seed", async () => {
  const count = 4000;
  const texts = Array.from({ length: count }, (_, i) => i % 2 === 0 ? " good" : " bad");
  const scores = texts.map((text) => text === " good" ? 0.7 : 0.5);
  const first = await pairsOf(texts, scores, { seed: 0, scale: 5 });
  const share = first.chosen.filter((text) => text === " good").length / first.chosen.length;
  // σ(5 · 0.2) = 0.731, with a standard error of 0.007
  assert.ok(Math.abs(share - 0.731) < 0.03, `${share}`);
  assert.deepEqual((await pairsOf(texts, scores, { seed: 0, scale: 5 })).chosen, first.chosen);
  assert.notDeepEqual((await pairsOf(texts, scores, { seed: 1, scale: 5 })).chosen, first.chosen);
});

Deno.test("texts with a label are chosen over texts without it, as far as there are of both", async () => {
  const texts = given("texts", (folder) =>
    writeRows(
      folder,
      files.texts,
      [1, 0, 0.9, 0.8, 0.2].map((kind, i) => ({ text: `text ${i}`, kind })),
    ));
  await withTemporaryFolder(async (folder) => {
    const stage = labelledPairs("texts", texts, { label: "kind", seed: 0 });
    const [made] = await new StageStore(folder).run([stage], context);
    const { prompts, chosen, rejected } = await readPreferencePairs(`${made}/${files.pairs}`);
    assert.deepEqual(prompts, ["", ""]);
    for (const text of chosen) assert.match(text, /[023]$/);
    assert.deepEqual(rejected.toSorted(), ["text 1", "text 4"]);
  });
});

Deno.test("the small world's models from pairs learn from what the base writes, and stand beside the optimum", async () => {
  const world = worldProfile({
    texts: 64,
    prompts: 2,
    samples: 2,
    unguided: 40,
    width: 16,
    layers: 1,
    effort: 0.25,
  });
  const { sentiment } = world.tasks;
  const wanted = ["arm-pairs", "args", "cooperative"];
  const systems = [...sentiment.systems, ...sentiment.further ?? []]
    .filter(({ name }) => wanted.includes(name))
    .map((system) => ({ ...system, betas: [1] }));
  const task = { ...sentiment, systems, further: [] };
  const { result } = planOptimum({ ...world, tasks: { ...world.tasks, sentiment: task } });
  await withTemporaryFolder(async (folder) => {
    const [made] = await new StageStore(folder).run([result], context);
    const [{ rows }] = await readOptimum(made);
    assert.deepEqual(rows.map(({ system }) => system), ["unsteered", ...wanted]);
    for (const { reward, divergence } of rows) {
      assert.ok(reward.estimate > 0 && reward.estimate < 1);
      assert.ok(Number.isFinite(divergence!.estimate));
    }
  });
});
