import assert from "node:assert/strict";
import { join } from "node:path";
import { generate } from "../../lib/decode/generate.ts";
import type { GenerateOptions } from "../../lib/decode/generate_options.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { otherModelTypes, smallBackbone } from "../models/random_backbone.ts";
import { specsOf, writeRandomModel } from "./random_models.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const ways: readonly GenerateOptions[] = [
  { together: false },
  { stepsPerRun: 100 },
  { stepsPerRun: 1 },
  { batchSize: 1 },
];

for (const modelType of otherModelTypes) {
  Deno.test(`however a generation of ${modelType} is computed, the same tokens`, async () => {
    await withTemporaryFolder(async (folder) => {
      const specs = specsOf(smallBackbone(modelType));
      const path = (name: keyof typeof specs, seed: number) =>
        writeRandomModel(join(folder, name), specs[name], seed);
      await using base = await openBaseModel(await path("base", 1), cpu);
      await using arm = await openRewardModel(await path("arm", 2), cpu);
      await using rad = await openRewardModel(await path("rad", 3), cpu);
      await using gedi = await openRewardModel(await path("gedi", 4), cpu);
      const guides = [
        { model: arm, steering: [{ label: "kind", beta: 9 }, { label: "calm", beta: 4 }] },
        { model: rad, steering: [{ label: "kind", beta: 6, inverse: true }] },
        { model: gedi, steering: [{ label: "kind", beta: 2 }] },
      ];
      // longer than the windows, and of unequal lengths
      const prompts = [[3, 1, 4, 1, 5, 9, 2], [6], [5, 3, 5]];
      for (const used of [guides, guides.slice(0, 1), []]) {
        const options = {
          guides: used,
          topK: 9,
          samples: 2,
          maxNewTokens: 6,
          ends: [],
          seed: 3,
          minP: 0.05,
          repetitionPenalty: 1.2,
        };
        const [expected, ...others] = await Promise.all(
          ways.map(async (way) =>
            (await generate(base, prompts, { ...options, ...way })).continuations
          ),
        );
        for (const [i, tokens] of others.entries()) {
          assert.deepEqual(tokens, expected, JSON.stringify(ways[i + 1]));
        }
      }
    });
  });
}
