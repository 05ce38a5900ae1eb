import assert from "node:assert/strict";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import { generate, generateSteps } from "../../lib/decode/generate.ts";
import type { GenerateOptions } from "../../lib/decode/generate_options.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { streamTexts } from "../../lib/decode/stream_texts.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { tinyBackbone } from "../tiny_models.ts";

/** Two tokens are a character: the first of them alone decodes to a replacement character. */
const pairs: Tokenizer = {
  vocabSize: tinyBackbone.vocabulary,
  endOfText: tinyBackbone.endOfText,
  encode: (text) => [...text].flatMap((letter) => [letter.charCodeAt(0) - 65, 0]),
  decode: (ids) =>
    ids.map((id, i) => i % 2 === 1 ? String.fromCharCode(ids[i - 1] + 65, id + 65) : "").join("") +
    (ids.length % 2 === 1 ? "\ufffd" : ""),
  token: (id) => String.fromCharCode(id + 65),
};

Deno.test("pieces make up the texts, whole characters only, and samples are told apart", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const prompts = ["HI", "A"];
    const options = { topK: 61, samples: 3, maxNewTokens: 7, seed: 2, temperature: 3, ends: [1] };
    const { texts } = await generateTexts(base, pairs, prompts, options);
    const written = prompts.map(() => ["", "", ""]);
    let pieces = 0;
    for await (
      const { prompt, sample, text, step, row } of streamTexts(base, pairs, prompts, options)
    ) {
      if (!text.endsWith("\ufffd")) assert.equal(text.length, 2);
      assert.deepEqual([step.rows[row].prompt, step.rows[row].sample], [prompt, sample]);
      written[prompt][sample] += text;
      pieces++;
    }
    assert.ok(pieces > 10);
    assert.deepEqual(written, texts.map(({ continuations }) => continuations));
  });
});

Deno.test("leaving the stream ends the generation", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const options = { topK: 20, samples: 1, maxNewTokens: 20, ends: [] };
    for await (const _ of streamTexts(base, pairs, ["HI"], options)) break;
    const { texts } = await generateTexts(base, pairs, ["HI"], options);
    assert.equal(texts[0].continuations.length, 1);
  });
});

Deno.test("every way to generate calls onStep once a step", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const counted = async (run: (options: GenerateOptions) => Promise<unknown>) => {
      let steps = 0;
      const onStep = () => steps++;
      await run({ topK: 61, samples: 1, maxNewTokens: 4, ends: [], progress: false, onStep });
      return steps;
    };
    const all = async (pieces: AsyncIterable<unknown>) => {
      for await (const _ of pieces);
    };
    const ids = [[1]];
    assert.deepEqual([
      await counted((options) => generate(base, ids, options)),
      await counted((options) => generateTexts(base, pairs, ["A"], options)),
      await counted((options) => generateTexts(base, pairs, ["A"], { ...options, traces: false })),
      await counted((options) => all(generateSteps(base, ids, options))),
      await counted((options) => all(streamTexts(base, pairs, ["A"], options))),
    ], [4, 4, 4, 4, 4]);
  });
});
