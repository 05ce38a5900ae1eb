import assert from "node:assert/strict";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";
import { checkReadings } from "./reading_property.ts";

Deno.test("GeDi's scores are the log-odds of the desired class by Bayes' rule, two calls a row", async () => {
  await checkReadings("gedi", { rateAll: true });
});

Deno.test("GeDi tells what it is, and that its control code takes a place", async () => {
  await withTemporaryFolder(async (folder) => {
    await using model = await openRewardModel(await writeTinyModel(folder, "gedi"), cpu);
    const { kind, labels, rule, vocabulary, longestText } = model;
    assert.deepEqual({ kind, labels, rule, vocabulary, longestText }, {
      kind: "gedi",
      labels: ["kind"],
      rule: "logProbability",
      vocabulary: tinyBackbone.vocabulary,
      longestText: tinyBackbone.context - 1,
    });
  });
});
