import assert from "node:assert/strict";
import { rateTexts, rateVocabulary } from "../../lib/methods/rate_prefixes.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters, tinySizes } from "../tiny_models.ts";

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

Deno.test("a vocabulary of 151,936 tokens is rated as any other", async () => {
  await withTemporaryFolder(async (path) => {
    const backbone = gpt2Backbone({ ...tinySizes, vocabulary: 151_936, width: 2, layers: 1 });
    const spec = { kind: "arm", backbone, labels: ["kind"], baseline: true } as const;
    const values = randomParameters(spec, 1);
    await writeModelFolder(path, { config: modelSpecJson(spec), shapes: shapesOf(spec), values });
    await using model = await openRewardModel(path, cpu);
    const [row] = await rateVocabulary(model, [[5, 6]], "kind");
    assert.equal(row.length, backbone.vocabulary);
    const last = backbone.vocabulary - 1;
    const [reward] = await rateTexts(model, [[5, 6, last]], "kind");
    assert.ok(Math.abs(row[last] - reward) < 1e-4);
  });
});

Deno.test("what is forgotten or of the wrong kind is asked for in one sentence", async () => {
  await withTinyModels(async ({ bases: { lm }, guides: { rad } }) => {
    const wrong = [
      [rad, [[1]], undefined, /^rateTexts needs 'label': the model has kind, rude\.$/],
      [rad, "the film", "kind", /^rateTexts: 'texts' must be a list, .* not the text "the film"/],
      [rad, ["the film"], "kind", /^rateTexts: 'texts\[0\]' must be a list/],
      [
        lm,
        [[1]],
        "kind",
        /^rateTexts: 'model' must be a reward model, from await openRewardModel\(\)/,
      ],
      [rad, [[1], []], "kind", /^Text 2 has no token to be rated/],
    ] as const;
    for (const [model, texts, label, message] of wrong) {
      await assert.rejects(
        rateTexts(...[model, texts, label] as unknown as Parameters<typeof rateTexts>),
        { message },
      );
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
