import assert from "node:assert/strict";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import { generate } from "../../lib/decode/generate.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { tinyConfig } from "../tiny_models.ts";

/** A token is a character, from "A" on. */
const letters: Tokenizer = {
  vocabSize: tinyConfig.vocabulary,
  endOfText: tinyConfig.endOfText,
  encode: (text) => [...text].map((letter) => letter.charCodeAt(0) - 65),
  decode: (ids) => String.fromCharCode(...ids.map((id) => id + 65)),
  token: (id) => String.fromCharCode(id + 65),
};

Deno.test("texts are those of the token ids, without the prompt", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const prompts = ["HELLO", "", "A"];
    const options = { k: 20, samples: 3, maxTokens: 5, seed: 2 };
    const generated = await generateTexts(base, letters, prompts, options);
    const promptIds = prompts.map((prompt) => letters.encode(prompt));
    const { continuations, tokens } = await generate(base, promptIds, options);
    assert.deepEqual(generated, {
      texts: prompts.map((prompt, i) => ({
        prompt,
        continuations: continuations[i].map((ids) => letters.decode(ids)),
      })),
      ids: continuations,
      promptIds,
      tokens,
      backboneCalls: [],
    });
  });
});
