import assert from "node:assert/strict";
import { rateTexts, rateVocabulary } from "../../lib/reward/rate_prefixes.ts";
import { withTinyModels } from "../open_tiny_models.ts";

const prefixes = [[3, 9, 27], [40, 2]];

Deno.test("a text is rated as its last token is among all tokens after what comes before it", async () => {
  await withTinyModels(async ({ guides }) => {
    for (const model of [guides.arm, guides.rad]) {
      const label = model.labels[1];
      const all = await rateVocabulary(model, prefixes, label);
      assert.deepEqual(all.map((row) => row.length), [model.vocabulary, model.vocabulary]);
      assert.notDeepEqual(all, await rateVocabulary(model, prefixes, model.labels[0]));
      const texts = prefixes.map((prefix, i) => [...prefix, 11 + i]);
      const rewards = await rateTexts(model, texts, label);
      rewards.forEach((reward, i) => {
        assert.ok(Math.abs(reward - all[i][11 + i]) < 1e-4, `${reward} and ${all[i][11 + i]}`);
      });
    }
  });
});

Deno.test("a label that the model does not have is refused by name", async () => {
  await withTinyModels(async ({ guides: { rad } }) => {
    await assert.rejects(
      rateTexts(rad, prefixes, "funny"),
      /The model has no label 'funny': it has kind, rude/,
    );
  });
});
