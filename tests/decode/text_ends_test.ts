import assert from "node:assert/strict";
import { join } from "node:path";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { generate } from "../../lib/decode/generate.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { streamTexts } from "../../lib/decode/stream_texts.ts";
import { openTransformersBase } from "../../lib/bases/transformers_base.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";
import { letters } from "../bases/letters.ts";

const prompts = [[1, 5, 9], [2], [7, 6, 6, 8]];
const usual = { samples: 4, maxNewTokens: 8, topK: 5, seed: 3, progress: false } as const;

/** Where a folder can say which tokens end a text, what it says, and what is right. */
const said: [string, Record<string, unknown>, Record<string, unknown>, readonly number[]][] = [
  ["a list in config.json", { eos_token_id: [30, 35, 17] }, {}, [30, 35, 17]],
  ["a list in generation_config.json", {}, { eos_token_id: [35, 17] }, [35, 17]],
  ["both, which differ", { eos_token_id: [30, 2] }, { eos_token_id: 35 }, [35]],
  ["a generation_config.json without any", { eos_token_id: [30, 35] }, { top_k: 5 }, [30, 35]],
];

async function edit(path: string, change: Record<string, unknown>): Promise<void> {
  const there = await Deno.readTextFile(path).then(JSON.parse, () => ({}));
  await Deno.writeTextFile(path, JSON.stringify({ ...there, ...change }));
}

for (const [title, config, generation, right] of said) {
  Deno.test(`any of several end tokens ends a text, however it is computed: ${title}`, () =>
    withTemporaryFolder(async (folder) => {
      const own = await writeTinyModel(folder, "lm");
      const exported = join(folder, "exported");
      await exportBaseModel(own, exported);
      for (const where of [own, exported]) {
        await edit(join(where, "config.json"), config);
        await edit(join(where, "generation_config.json"), generation);
      }
      await using lm = await openBaseModel(own, cpu);
      await using transformers = await openTransformersBase(exported, cpu);
      assert.deepEqual([lm.ends, transformers.ends], [right, right]);

      const whole = await generate(lm, prompts, { ...usual, ends: [] });
      const expected = whole.continuations.map((samples) =>
        samples.map((ids) => {
          const end = ids.findIndex((id) => right.includes(id));
          return end < 0 ? ids : ids.slice(0, end);
        })
      );
      assert.notDeepEqual(expected, whole.continuations);
      const ways: [BaseModel, Record<string, unknown>][] = [
        [lm, { stepsPerRun: 1 }],
        [lm, { stepsPerRun: 8 }],
        [lm, { together: false }],
        [transformers, {}],
      ];
      for (const [base, way] of ways) {
        const { continuations } = await generate(base, prompts, { ...usual, ...way });
        assert.deepEqual(continuations, expected, JSON.stringify(way));
      }
      const texts = new Map<string, string>();
      const given = prompts.map((ids) => letters.decode(ids));
      for await (const { prompt, sample, text } of streamTexts(lm, letters, given, usual)) {
        const name = `${prompt} ${sample}`;
        texts.set(name, (texts.get(name) ?? "") + text);
      }
      const streamed = await generate(lm, given.map((text) => letters.encode(text)), usual);
      streamed.continuations.forEach((samples, prompt) =>
        samples.forEach((ids, sample) =>
          assert.equal(texts.get(`${prompt} ${sample}`) ?? "", letters.decode(ids))
        )
      );
    }));
}

Deno.test("an end that is no token's id is refused, and the file named", () =>
  withTemporaryFolder(async (folder) => {
    const own = await writeTinyModel(folder, "lm");
    const path = join(own, "generation_config.json");
    for (const eos_token_id of ["</s>", -1, [3, 1.5]]) {
      await Deno.writeTextFile(path, JSON.stringify({ eos_token_id }));
      await assert.rejects(openBaseModel(own, cpu), {
        name: "RangeError",
        message: `${path} says eos_token_id: ${JSON.stringify(eos_token_id)}; ` +
          "it must be a token's id, or a list of them.",
      });
    }
    await Deno.writeTextFile(path, JSON.stringify({ eos_token_id: tinyBackbone.endOfText }));
    await using lm = await openBaseModel(own, cpu);
    assert.deepEqual(lm.ends, [tinyBackbone.endOfText]);
  }));
