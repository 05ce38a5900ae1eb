import assert from "node:assert/strict";
import { join } from "node:path";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { streamTexts } from "../../lib/decode/stream_texts.ts";
import { lookOf } from "../../lib/notebook/display.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";

/** A tokenizer of fewer tokens than the tiny models have. */
const words = Array.from({ length: 20 }, (_, id) => String.fromCodePoint(0x61 + id));
const tokenizerJson = {
  added_tokens: [],
  model: {
    type: "WordLevel",
    unk_token: "a",
    vocab: Object.fromEntries(words.map((w, i) => [w, i])),
  },
  pre_tokenizer: { type: "Split", pattern: { Regex: "." }, behavior: "Isolated" },
  decoder: { type: "Fuse" },
};

for (const rated of ["top-k", "vocabulary"] as const) {
  Deno.test(`tokens beyond the tokenizer's cost no run, and add no text (rated: ${rated})`, () =>
    withTemporaryFolder(async (folder) => {
      const lm = await writeTinyModel(folder, "lm");
      await Deno.writeTextFile(join(lm, "tokenizer.json"), JSON.stringify(tokenizerJson));
      await Deno.writeTextFile(join(lm, "tokenizer_config.json"), '{"eos_token": "t"}');
      const tokenizer = await loadTokenizer(lm);
      assert.ok(tokenizer.vocabSize < tinyBackbone.vocabulary);
      await using base = await openBaseModel(lm, cpu);
      await using model = await openRewardModel(await writeTinyModel(folder, "arm"), cpu);
      const options = {
        guides: [{ model, steering: [{ label: model.labels[0], beta: 3 }] }],
        rated,
        topK: 40,
        samples: 3,
        maxNewTokens: 8,
        progress: false,
      };
      const generation = await generateTexts(base, tokenizer, ["abc"], options);
      const [ids] = generation.ids;
      assert.ok(ids.flat().some((id) => id >= tokenizer.vocabSize));
      const [{ continuations }] = generation.texts;
      continuations.forEach((text, sample) =>
        assert.equal(text, ids[sample].map((id) => words[id] ?? "").join(""))
      );
      const html = (await lookOf(generation))!["text/html"] as string;
      assert.ok(html.includes("&lt;") || html.includes("<span"));
      const streamed = ["", "", ""];
      for await (const { sample, text } of streamTexts(base, tokenizer, ["abc"], options)) {
        streamed[sample] += text;
      }
      assert.deepEqual(streamed, continuations);
    }));
}
