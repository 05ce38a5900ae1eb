import assert from "node:assert/strict";
import { drawTexts } from "../../lib/whole_texts/draw_texts.ts";
import type { DrawTextsOptions } from "../../lib/whole_texts/draw_texts_options.ts";
import { wholeTextRefusal } from "../../lib/cli/whole_texts.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { letters } from "../bases/letters.ts";
import { kindScorer } from "../kind_texts.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyModel } from "../tiny_models.ts";

Deno.test("what cannot be drawn or rated is one sentence before any work begins", async () => {
  await withTinyModels(async ({ bases: { lm: base }, guides: { arm } }) => {
    const reward = { rater: kindScorer };
    const refused = (message: RegExp, options: Partial<DrawTextsOptions>, prompt = "丂") =>
      assert.rejects(
        drawTexts(base, letters, [prompt], { method: "cards", reward, ...options }),
        { message },
      );
    await refused(/^At temperature 0 all texts of a prompt are the same/, { temperature: 0 });
    await refused(/^The scorer 'kind words' has no label 'rude': it has kind\.$/, {
      reward: { ...reward, label: "rude" },
    });
    await withTemporaryFolder(async (folder) => {
      await using genarm = await openRewardModel(await writeTinyModel(folder, "genarm"), cpu);
      await refused(/^A reward model of kind genarm compares next tokens and rates no texts/, {
        reward: { rater: genarm },
      });
    });
    await refused(/^The reward model has 60 tokens and the language model 61/, {
      reward: { rater: { ...arm, vocabulary: 60 }, label: "calm" },
    });
    await refused(/^Prompt 1 .*only 4 fit/, { maxNewTokens: 20 }, "丂".repeat(5));
    const trunk = { blocks: 1, weights: "of another", vectors: "of another" };
    await refused(/shares the first 1 blocks of another base model/, {
      reward: { rater: { ...arm, trunk }, label: "calm" },
    });
  });
});

Deno.test("options of generate that do not go with whole texts are refused by name", () => {
  const group = { folder: "a", scorer: true, ways: [{}] } as const;
  const beside = {
    groups: [group],
    ...{ formula: false, stream: false, logProbabilities: false, scorerEvery: false },
    sampling: {},
  };
  const refused = (
    message: RegExp,
    ...[given, more]: [
      Parameters<typeof wholeTextRefusal>[0],
      Partial<Parameters<typeof wholeTextRefusal>[1]>,
    ]
  ) => assert.match(wholeTextRefusal(given, { ...beside, ...more }) ?? "", message);
  const [best, cards] = [{ method: "best-of-n" }, { method: "cards" }] as const;
  refused(/^'--best-of' goes with --method best-of-n only$/, { bestOf: 3 }, {});
  refused(/^'--max-tries' goes with --method cards only$/, { ...best, maxTries: 3 }, {});
  refused(/chooses by one reward: give one --scorer or --reward/, best, { groups: [] });
  refused(/chooses by one reward/, cards, { groups: [group, group] });
  refused(/chooses by one reward/, cards, { groups: [{ ...group, ways: [{}, {}] }] });
  refused(/^'--beta' does not go with --method best-of-n/, best, {
    groups: [{ ...group, ways: [{ beta: 1 }] }],
  });
  refused(/^'--formula' does not go with --method cards/, cards, { formula: true });
  refused(/^'--rated vocabulary' does not/, cards, { sampling: { rated: "vocabulary" } });
  refused(/^'--stream' does not/, cards, { stream: true });
  assert.equal(wholeTextRefusal({ ...cards, maxTries: 3 }, beside), undefined);
  assert.equal(wholeTextRefusal({}, { ...beside, stream: true }), undefined);
});
