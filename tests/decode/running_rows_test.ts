import assert from "node:assert/strict";
import { join } from "node:path";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import type { Guide } from "../../lib/decode/generate.ts";
import { RunningRows } from "../../lib/decode/running_rows.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { otherModelTypes, smallBackbone } from "../models/random_backbone.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinySpecs, writeTinyModel } from "../tiny_models.ts";
import { onePassNames, withAllSystems } from "./all_systems.ts";
import { specsOf, writeRandomModel } from "./random_models.ts";
import { writeOnTrunk } from "./write_on_trunk.ts";
import { type AskedText, writtenAlone, writtenInTurns } from "./written_in_turns.ts";

/** Prompts of many lengths that come at any time, one of them when the others have gone. */
const usual = { guides: [], samples: 1, topK: 9, temperature: 1 };
const asked = (guides: readonly (readonly Guide[])[]): AskedText[] => [
  { ...usual, joinsAt: 0, prompt: [3, 1, 4], seed: 1, maxNewTokens: 9 },
  { ...usual, joinsAt: 0, prompt: [9], seed: 2, maxNewTokens: 3, guides: guides[0], topP: 0.7 },
  { ...usual, joinsAt: 2, prompt: [2, 7, 1, 8, 2, 8, 1, 8], seed: 3, maxNewTokens: 10, samples: 3 },
  { ...usual, joinsAt: 2, prompt: [5, 5], seed: 4, maxNewTokens: 12, guides: guides[1], topK: 5 },
  { ...usual, joinsAt: 3, prompt: [1, 6], seed: 5, maxNewTokens: 1, guides: guides[0] },
  { ...usual, joinsAt: 4, prompt: [6], seed: 6, maxNewTokens: 14, guides: guides[1], minP: 0.1 },
  { ...usual, joinsAt: 5, prompt: [8, 8, 8], seed: 7, maxNewTokens: 8, temperature: 0 },
  { ...usual, joinsAt: 6, prompt: [4, 2], seed: 8, maxNewTokens: 9, temperature: 1.4, samples: 2 },
  { ...usual, joinsAt: 25, prompt: [7, 3], seed: 9, maxNewTokens: 5, guides: guides[0] },
];

Deno.test("a text that joins others is what it is alone, however each is steered and drawn", async () => {
  await withAllSystems(cpu, async ({ bases, guides }) => {
    const models = onePassNames.map((name) => guides[name]);
    const [arm, plain, gedi, dexperts, rectification] = models;
    const texts = asked([
      [
        { model: arm, steering: [{ label: "kind", beta: 12 }, { label: "calm", inverse: true }] },
        { model: gedi, steering: [{ label: "kind", beta: 3 }] },
      ],
      [
        { model: plain, steering: [{ label: "kind", beta: 8, inverse: true }] },
        { model: dexperts, steering: [{ label: "kind", beta: 2 }] },
        { model: rectification, steering: [{ label: rectification.labels[0], beta: 0.9 }] },
      ],
    ]);
    for (const base of [bases.lm, bases.bosLm]) {
      const ends = base.ends;
      const { written, most } = await writtenInTurns(base, models, 9, texts, ends);
      assert.deepEqual(written, await writtenAlone(base, texts, ends));
      assert.ok(most > 4);
    }
  });
});

for (const modelType of otherModelTypes) {
  Deno.test(`texts of ${modelType} come and go without a trace in each other`, async () => {
    await withTemporaryFolder(async (folder) => {
      const specs = specsOf(smallBackbone(modelType));
      const path = (name: keyof typeof specs, seed: number) =>
        writeRandomModel(join(folder, name), specs[name], seed);
      await using base = await openBaseModel(await path("base", 1), cpu);
      await using arm = await openRewardModel(await path("arm", 2), cpu);
      const texts = asked([
        [{ model: arm, steering: [{ label: "kind", beta: 9 }] }],
        [{ model: arm, steering: [{ label: "calm", beta: 20, inverse: true }] }],
      ]).map((text) => ({ ...text, maxNewTokens: Math.min(text.maxNewTokens, 6) }));
      const { written } = await writtenInTurns(base, [arm], 9, texts, []);
      assert.deepEqual(written, await writtenAlone(base, texts, []));
    });
  });
}

Deno.test("a reward model on the base model's trunk steers texts that come and go", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "bosLm");
    await using base = await openBaseModel(path, cpu);
    for (const blocks of [1, 2]) {
      const on = await writeOnTrunk(join(folder, `on-${blocks}`), tinySpecs.arm, path, blocks);
      await using arm = await openRewardModel(on, cpu);
      const texts = asked([
        [{ model: arm, steering: [{ label: "kind", beta: 9 }] }],
        [{ model: arm, steering: [{ label: "calm", beta: 20, inverse: true }] }],
      ]);
      const { written } = await writtenInTurns(base, [arm], 9, texts, base.ends);
      assert.deepEqual(written, await writtenAlone(base, texts, base.ends));
    }
  });
});

Deno.test("what cannot be one graph is refused in one sentence", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides: { rad } }) => {
    await assert.rejects(
      RunningRows.open({ ...lm, graph: undefined }, [], 9),
      /^TypeError: The base model is seen through its logits only, .*: name a folder with its weights\.$/,
    );
    await assert.rejects(
      RunningRows.open(lm, [rad], 9),
      /^TypeError: A model of kind rad reads every candidate, .*: choose one that rates all tokens at once\.$/,
    );
  });
});
