import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import assert from "node:assert/strict";
import { join } from "node:path";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import type { LanguageModelSpec } from "../../lib/models/language_model_spec.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import {
  randomParameters,
  tinyBackbone,
  tinySizes,
  tinySpecs,
  writeTinyModel,
} from "../tiny_models.ts";
import { WholeTextModel } from "../whole_text_model.ts";
import { checkReadingsOf } from "./reading_property.ts";

async function writeLanguageModel(path: string, spec: LanguageModelSpec, seed: number) {
  await writeModelFolder(path, {
    config: modelSpecJson(spec),
    shapes: shapesOf(spec),
    values: randomParameters(spec, seed),
  });
}

/** Writes the config.json of a pair, as a user may write it by hand. */
async function writePair(path: string, expert: string, antiexpert: string): Promise<string> {
  await Deno.mkdir(path, { recursive: true });
  const armature = { kind: "dexperts", labels: ["kind"], expert, antiexpert };
  await Deno.writeTextFile(join(path, "config.json"), JSON.stringify({ armature }));
  return path;
}

for (const bos of [false, true]) {
  const name = `a pair of experts ${bos ? "trained with" : "without"} BOS gives the difference ` +
    "of their logits, two calls a row";
  Deno.test(name, async () => {
    await withTemporaryFolder(async (folder) => {
      const expert = { kind: "lm", backbone: tinyBackbone, bos } as const;
      // another number of blocks, heads and widths; only the tokens are the same
      const antiExpert = {
        ...expert,
        backbone: gpt2Backbone({
          ...tinySizes,
          layers: 1,
          width: 12,
          heads: 3,
          inner: 20,
          context: 20,
        }),
      };
      const paths = ["pair/expert", "elsewhere"].map((name) => join(folder, name));
      await writeLanguageModel(paths[0], expert, 1);
      await writeLanguageModel(paths[1], antiExpert, 2);
      const pair = await writePair(join(folder, "pair"), "expert", "../elsewhere");
      await using model = await openRewardModel(pair, cpu);
      await using plus = await WholeTextModel.open(paths[0]);
      await using minus = await WholeTextModel.open(paths[1]);
      const { kind, labels, rule, longestText } = model;
      assert.deepEqual({ kind, labels, rule, longestText }, {
        kind: "dexperts",
        labels: ["kind"],
        rule: "difference",
        longestText: bos ? 19 : 20,
      });
      await checkReadingsOf({
        model,
        async rewards(prompts, candidates) {
          const texts = prompts.map((ids) => bos ? [tinyBackbone.endOfText, ...ids] : ids);
          const [above, below] = [await plus.logits(texts), await minus.logits(texts)];
          return candidates.map((tokens, i) =>
            tokens.map((token) => [above[i][token] - below[i][token]])
          );
        },
      }, { calls: () => 2, rateAll: true, shortest: bos ? 0 : 1 });
    });
  });
}

Deno.test("experts that do not belong together, or are none, are refused", async () => {
  await withTemporaryFolder(async (folder) => {
    const refused = async (antiexpert: string, name: string, message: string) => {
      const pair = await writePair(join(folder, "pair"), "../lm", antiexpert);
      await assert.rejects(openRewardModel(pair, cpu), { name, message });
    };
    await writeTinyModel(folder, "lm");
    await writeTinyModel(folder, "bosLm");
    const arm = await writeTinyModel(folder, "arm");
    const larger = { ...tinySpecs.lm, backbone: gpt2Backbone({ ...tinySizes, vocabulary: 62 }) };
    await writeLanguageModel(join(folder, "larger"), larger, 1);
    await refused(
      "../larger",
      "RangeError",
      "The expert has 61 tokens and the anti-expert 62: they must share a tokenizer",
    );
    await refused(
      "../bosLm",
      "TypeError",
      "The anti-expert reads BOS before a text, the other does not: train both in the same way",
    );
    await refused(
      "../arm",
      "TypeError",
      `An expert must be a language model, but '${arm}' holds a model of kind arm`,
    );
    await refused(
      "../nowhere",
      "Error",
      `Cannot open the model '${
        join(folder, "nowhere")
      }': there is no such folder, so check the path.`,
    );
  });
});
