import assert from "node:assert/strict";
import { generateSteps } from "../../lib/decode/generate.ts";
import { openLikelihoodJudge } from "../../lib/eval/likelihood.ts";
import { requireRoom } from "../../lib/inference/text_room.ts";
import { rateTexts, rateVocabulary } from "../../lib/methods/rate_prefixes.ts";
import { openTeacher } from "../../lib/methods/teacher.ts";
import { floats, integers } from "../../lib/runtime/value.ts";
import { onePassNames, systemNames, withAllSystems } from "../decode/all_systems.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinySizes, writeTinyModel } from "../tiny_models.ts";

const { context } = tinySizes;
const text = (length: number): number[] => Array<number>(length).fill(8);
const tooLong = (message: string) => ({ name: "RangeError", message });

Deno.test("a text that does not fit is refused by its number, its length, the room and what to do", () => {
  requireRoom("Text 1", 5, 5);
  assert.throws(
    () => requireRoom("Text 3", 6, 5, { beside: "with 2 new ones" }),
    tooLong("Text 3 has 6 tokens, but with 2 new ones only 5 fit into the context: shorten it"),
  );
});

Deno.test("every system rates texts as long as its context, and refuses longer ones", async () => {
  await withAllSystems(cpu, async ({ guides }) => {
    for (const name of systemNames) {
      const model = guides[name];
      const { longestText } = model;
      assert.ok(longestText >= context - 1, name);
      const [label] = model.labels;
      const [reward] = await rateTexts(model, [text(longestText)], label);
      assert.ok(Number.isFinite(reward), name);
      await assert.rejects(
        rateTexts(model, [[1], text(longestText + 1)], label),
        tooLong(
          `Text 2 has ${
            longestText + 1
          } tokens, but only ${longestText} fit into the context: shorten it`,
        ),
      );
      await rateVocabulary(model, [text(longestText - 1)], label);
      await assert.rejects(
        rateVocabulary(model, [text(longestText)], label),
        tooLong(
          `Prefix 1 has ${longestText} tokens, but with the rated token only ${
            longestText - 1
          } fit into the context: shorten it`,
        ),
      );
    }
  });
});

Deno.test("a model that is followed token by token stops at its context's end", async () => {
  await withAllSystems(cpu, async ({ bases, guides }) => {
    for (const base of Object.values(bases)) {
      await assert.rejects(base.start([[1], text(context + 1)], 3), /Text 2 has .* only 24 fit/);
      using reading = await base.start([text(base.longestText - 1)], 3);
      await reading.step([8]);
      await assert.rejects(reading.step([8]), /Text 1 has 25 tokens .* only 24 fit/);
    }
    for (const name of systemNames) {
      const candidates = integers([1, 2], [5, 6]);
      using reading = await guides[name].start([text(guides[name].longestText - 1)]);
      await reading.rate(candidates);
      await assert.rejects(
        async () => {
          for (let i = 0; i < 2; i++) {
            await reading.accept([5], [0]);
            await reading.rate(candidates);
          }
        },
        /Text 1 has 25 tokens .* only 24 fit into the context/,
        name,
      );
    }
    for (const name of onePassNames) {
      using reading = await guides[name].start([text(context + 1)]);
      await assert.rejects(reading.rate(), /only 24 fit into the context/);
    }
  });
});

Deno.test("a prompt has to leave room for what is generated, in the base model and in what steers", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides: { gedi: model } }) => {
    const guides = [{ model, steering: [{ label: "kind" }] }];
    const steps = generateSteps(lm, [text(20)], { topK: 3, samples: 1, maxNewTokens: 4, guides });
    await assert.rejects(
      steps.next(),
      tooLong(
        "Prompt 1 has 20 tokens, but with 4 new ones only 19 fit into the context: shorten it, or ask " +
          "for fewer new tokens",
      ),
    );
  });
});

Deno.test("a judge of fluency and a teacher refuse texts that are longer than their context", async () => {
  await withTemporaryFolder(async (folder) => {
    await using judge = await openLikelihoodJudge(await writeTinyModel(folder, "bosLm"), cpu);
    const judged = (length: number) =>
      judge.negativeLogLikelihoods([
        { prompt: [3], ids: [4] },
        { prompt: text(5), ids: text(length - 5) },
      ]);
    const [, nll] = await judged(context);
    assert.ok(nll > 0);
    await assert.rejects(
      judged(context + 1),
      tooLong(
        "Text 2 has 26 tokens including what the model reads before it, but only 25 fit into the context: " +
          "shorten it",
      ),
    );
    await using teacher = await openTeacher(await writeTinyModel(folder, "rad"), cpu);
    const long = [1, context + 1];
    await assert.rejects(
      teacher.rewards(
        integers(long, text(context + 1)),
        floats(long, new Float32Array(25).fill(1)),
      ),
      /The longest text has 25 tokens, but only 24 fit into the context: train the student with/,
    );
  });
});
