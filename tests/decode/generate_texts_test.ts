import assert from "node:assert/strict";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import { generate } from "../../lib/decode/generate.ts";
import type { StepTrace } from "../../lib/decode/generate_options.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { tinyBackbone } from "../tiny_models.ts";

/** A token is a character, from "A" on. */
const letters: Tokenizer = {
  vocabSize: tinyBackbone.vocabulary,
  endOfText: tinyBackbone.endOfText,
  encode: (text) => [...text].map((letter) => letter.charCodeAt(0) - 65),
  decode: (ids) => String.fromCharCode(...ids.map((id) => id + 65)),
  token: (id) => String.fromCharCode(id + 65),
};

Deno.test("texts are those of the token ids, without the prompt", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const prompts = ["HELLO", "", "A"];
    const options = { topK: 20, samples: 3, maxNewTokens: 5, seed: 2 };
    const generated = await generateTexts(base, letters, prompts, { ...options, traces: false });
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
      finished: true,
      backboneCalls: [],
    });
  });
});

Deno.test("the first texts are traced token by token, the token that ended a text included", async () => {
  await withTinyModels(async ({ bases: { lm: base }, guides: { arm: model } }) => {
    const prompts = [..."ABCDEFGHIJ"];
    const guides = [{ model, steering: [{ label: "kind" }] }];
    const seen: StepTrace[] = [];
    const options = { topK: 12, samples: 4, maxNewTokens: 6, batchSize: 8, guides };
    const { traces, ids } = await generateTexts(base, letters, prompts, {
      ...options,
      onStep: (step) => seen.push(step),
    });
    assert.ok(seen.length > 0);
    assert.deepEqual(traces!.map((samples) => samples.length), new Array(8).fill(3));
    let ended = 0;
    for (const [prompt, samples] of traces!.entries()) {
      for (const [sample, trace] of samples.entries()) {
        const taken = trace.map(({ taken }) => taken.id);
        const text = ids[prompt][sample];
        if (taken.length > text.length) ended++;
        assert.deepEqual(taken, [...text, ...(text.length < 6 ? [letters.endOfText] : [])]);
        assert.ok(trace.every(({ candidates }) => candidates.length === 12));
      }
    }
    assert.ok(ended > 0);
  });
});

Deno.test("a generation that is stopped has traces of whole texts only", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const controller = new AbortController();
    let steps = 0;
    const { traces, ids } = await generateTexts(base, letters, ["A", "B", "C"], {
      samples: 2,
      batchSize: 2,
      maxNewTokens: 4,
      ends: [],
      signal: controller.signal,
      onStep: () => ++steps === 6 && controller.abort(),
    });
    assert.deepEqual(ids.map((texts) => texts.length), [2, 0, 0]);
    assert.deepEqual(traces!.map((texts) => texts.length), [2, 0, 0]);
  });
});
