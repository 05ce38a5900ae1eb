import assert from "node:assert/strict";
import { join } from "node:path";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { generate, readPrompts } from "../../lib/decode/generate.ts";
import { strengthsOf } from "../../lib/decode/guidance.ts";
import { type RowChoice, RunningRows } from "../../lib/decode/running_rows.ts";
import { openLikelihoodJudge } from "../../lib/eval/likelihood.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { Random } from "../../lib/random.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { drawTexts } from "../../lib/whole_texts/draw_texts.ts";
import { letters } from "../bases/letters.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters, type TinyModel, tinySizes, tinySpecs } from "../tiny_models.ts";

/** A place of a text that a spoilt model cannot read. */
const spoiltPlace = 7;

/** Writes a model of which a weight is no number. */
async function writeSpoilt(parent: string, name: TinyModel, value: number): Promise<string> {
  const spec = tinySpecs[name];
  const values = randomParameters(spec, 1);
  values.get("wpe.weight")![spoiltPlace * tinySizes.width] = value;
  const path = join(parent, `spoilt ${name}`);
  await writeModelFolder(path, { config: modelSpecJson(spec), shapes: shapesOf(spec), values });
  return path;
}

/** An ARM reads BOS and five tokens of the second before its first, so it comes to the place at the third. */
const prompts = [[30], [30, 10, 40, 10, 50]];
const options = { samples: 2, maxNewTokens: 6, topK: 9, ends: [] };

/** The ways to compute a step: in a graph of all models, many at once, and with a graph of each model. */
const ways = [{ stepsPerRun: 1 }, { stepsPerRun: 4 }, { together: false }];

Deno.test("rewards that are no numbers end generation, which names the model, the step and the prompt, however it is computed", async () => {
  await withTemporaryFolder(async (folder) => {
    await using base = await openBaseModel(
      await writeSpoilt(folder, "lm", 0),
      cpu,
    );
    for (const [name, value] of [["arm", NaN], ["gedi", Infinity]] as const) {
      await using model = await openRewardModel(await writeSpoilt(folder, name, value), cpu);
      const guides = [{ model, steering: [{ label: "kind", beta: 0 }] }];
      for (const way of ways) {
        await assert.rejects(generate(base, prompts, { ...options, ...way, guides }), {
          name: "Error",
          message:
            `The reward model (${name}) gave NaN at step 3 for 2 of 4 texts, of prompt 2; check its weights.`,
        });
      }
    }
  });
});

Deno.test("so do logits of a base model", async () => {
  await withTemporaryFolder(async (folder) => {
    await using base = await openBaseModel(await writeSpoilt(folder, "lm", NaN), cpu);
    for (const way of ways) {
      await assert.rejects(generate(base, prompts, { ...options, ...way, firstPrompt: 10 }), {
        message:
          /^The base model gave (NaN|-Infinity) at step 4 for 2 of 4 texts, of prompt 12; check its weights\.$/,
      });
    }
  });
});

Deno.test("of texts that come and go only those end whose rewards are no numbers, and not the next in their place", async () => {
  await withTemporaryFolder(async (folder) => {
    await using base = await openBaseModel(await writeSpoilt(folder, "lm", 0), cpu);
    await using model = await openRewardModel(await writeSpoilt(folder, "arm", NaN), cpu);
    await using rows = await RunningRows.open(base, [model], 9);
    const strengths = [strengthsOf(model.labels, [{ label: "kind", beta: 1 }])];
    const settings = { topK: 9, temperature: 1, strengths };
    const problems = (choices: readonly RowChoice[]) => choices.map(({ problem }) => problem);
    const joining = readPrompts(base, prompts).map((prompt, i) => (
      { prompt, settings, streams: [new Random(i, "noise")] }
    ));
    assert.deepEqual(problems(await rows.join(joining)), [undefined, undefined]);
    assert.deepEqual(problems(await rows.step()), [undefined, undefined]);
    const choices = await rows.step();
    assert.deepEqual(problems(choices), [
      undefined,
      "The reward model (arm) gave NaN for a next token",
    ]);
    rows.leave(choices[1].row);
    assert.deepEqual(problems(await rows.join(joining.slice(0, 1))), [undefined]);
    assert.deepEqual(problems(await rows.step()), [undefined, undefined]);
  });
});

Deno.test("whole texts whose reward or likelihood is no number are not taken for good or bad ones", async () => {
  await withTemporaryFolder(async (folder) => {
    await using base = await openBaseModel(await writeSpoilt(folder, "lm", 0), cpu);
    await using rater = await openRewardModel(await writeSpoilt(folder, "arm", NaN), cpu);
    const texts = prompts.map((ids) => letters.decode(ids));
    await assert.rejects(
      drawTexts(base, letters, texts, {
        ...{ method: "best-of-n", bestOf: 2, samples: 1, topK: 9, ends: [], progress: false },
        ...{ maxNewTokens: 4, reward: { rater, label: "kind" } },
      }),
      {
        message:
          "The reward model (arm) gave a reward that is no number for 2 of 4 texts, of prompt 2; check its weights.",
      },
    );
    const path = await writeSpoilt(folder, "lm", NaN);
    await using judge = await openLikelihoodJudge(path, cpu);
    const continuations = prompts.map((prompt) => ({ prompt, ids: [2, 7, 1, 8] }));
    await assert.rejects(judge.negativeLogLikelihoods(continuations), {
      message:
        /^The language model in '.+ lm' gave NaN for the likelihood of text \d of 2; check its /,
    });
  });
});
