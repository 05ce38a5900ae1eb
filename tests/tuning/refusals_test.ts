import assert from "node:assert/strict";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import type { PolicyOptions } from "../../lib/tuning/policy_options.ts";
import type { Rater } from "../../lib/eval/text_reward.ts";
import { trainPolicy } from "../../lib/tuning/train_policy.ts";
import { kindScorer } from "../kind_texts.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyModel } from "../tiny_models.ts";

Deno.test("what does not go together is one sentence before any work begins", async () => {
  await withTemporaryFolder(async (folder) => {
    const [init, path, rad] = [
      await writeTinyModel(folder, "bosLm"),
      await writeTinyModel(folder, "arm"),
      await writeTinyModel(folder, "rad"),
    ];
    await using arm = await openRewardModel(path, cpu);
    const out = `${folder}/out`;
    const refused = async (
      message: RegExp,
      options: Partial<PolicyOptions>,
      reward: Rater = kindScorer,
      prompts: readonly string[] = ["a"],
    ) => {
      const given = { method: "ppo", init, out, ...options } as const;
      await assert.rejects(trainPolicy(prompts, reward, cpu, given), { message });
      await assert.rejects(Deno.stat(out));
    };
    await refused(/^'quantiles' is no setting of PPO: leave it out\.$/, { quantiles: 3 });
    await refused(/^'lambda' is no setting of Quark/, { method: "quark", lambda: 1 });
    await refused(/^There are no prompts to write texts from\.$/, {}, kindScorer, []);
    await refused(/holds a model of kind rad/, { init: rad });
    await refused(/^Cannot take the top 62 of 61 tokens/, { topK: 62 });
    await refused(/^The scorer 'kind words' has no label 'rude': it has kind\.$/, {
      label: "rude",
    });
    await refused(/^The reward model \(arm\) has several labels: choose one/, {}, arm);
  });
});
