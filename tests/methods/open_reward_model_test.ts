import assert from "node:assert/strict";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";

Deno.test("a reward model tells its kind, labels, vocabulary and room", async () => {
  await withTemporaryFolder(async (folder) => {
    for (
      const [name, labels] of [["arm", ["kind", "calm", "brief"]], ["rad", [
        "kind",
        "rude",
      ]]] as const
    ) {
      await using model = await openRewardModel(await writeTinyModel(folder, name), cpu);
      assert.equal(model.kind, name);
      assert.deepEqual(model.labels, labels);
      assert.equal(model.vocabulary, tinyBackbone.vocabulary);
      assert.equal(model.longestText, tinyBackbone.context);
    }
  });
});

Deno.test("a language model is refused as reward model", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "lm");
    await assert.rejects(openRewardModel(path, cpu), {
      name: "TypeError",
      message: `'${path}' holds a language model, not a reward model: train one with ` +
        "`deno task train reward`.",
    });
  });
});

Deno.test("a folder has no revision", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "arm");
    await assert.rejects(openRewardModel(path, cpu, { revision: "v1" }), {
      name: "TypeError",
      message: `'${path}' is a folder, which has no option 'revision': leave it out.`,
    });
  });
});

Deno.test("a name on the hub is looked for there, under the options of the hub", async () => {
  await withTemporaryFolder(async (cacheFolder) => {
    await assert.rejects(
      openRewardModel("owner/arm", cpu, { offline: true, cacheFolder, revision: "v1" }),
      /owner\/arm.*v1/,
    );
  });
});
