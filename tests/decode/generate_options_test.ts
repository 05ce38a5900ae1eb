import assert from "node:assert/strict";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import { generate, generateSteps } from "../../lib/decode/generate.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { streamTexts } from "../../lib/decode/stream_texts.ts";
import { tokenTrace } from "../../lib/decode/token_trace.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { withTinyModels } from "../open_tiny_models.ts";

const letters: Tokenizer = {
  vocabSize: 61,
  endOfText: 0,
  encode: (text) => Array.from(text, (letter) => letter.charCodeAt(0) % 61),
  decode: (ids) => String.fromCharCode(...ids),
  token: (id) => `${id}`,
};

/** A call as a notebook makes it, where nobody checks types. */
const untyped = (call: unknown, ...given: unknown[]): Promise<unknown> =>
  (call as (...given: unknown[]) => Promise<unknown>)(...given);

Deno.test("what is forgotten, mistaken or called by a former name is told in one sentence", async () => {
  await withTinyModels(async ({ bases: { lm }, guides: { arm: model } }) => {
    const steering = [{ label: "kind" }];
    const wrong: [unknown[], string][] = [
      [
        [lm, letters, "the film"],
        "TypeError: generateTexts: 'prompts' must be a list, each a text or the messages of a chat, not the text \"the film\".",
      ],
      [
        [lm, ["the film"]],
        "TypeError: generateTexts: 'tokenizer' must be a tokenizer, from await openBase() or await " +
        "loadTokenizer(), not a list of 1.",
      ],
      [
        [lm, letters],
        "TypeError: generateTexts needs 'prompts': give a list, each a text or the messages of a chat.",
      ],
      [
        [{ base: lm, tokenizer: letters }, letters, ["a"]],
        "TypeError: generateTexts: 'base' must be a base model, the 'base' of await openBase(), not an object.",
      ],
      [
        [model, letters, ["a"]],
        "TypeError: generateTexts: 'base' must be a base model, the 'base' of await openBase(), not an object.",
      ],
      [
        [lm, letters, ["a"], { n: 2 }],
        "TypeError: generateTexts has no option 'n': it is called 'samples'.",
      ],
      [
        [lm, letters, ["a"], { maxTokens: 2 }],
        "TypeError: generateTexts has no option 'maxTokens': it is called 'maxNewTokens'.",
      ],
      [
        [lm, letters, ["a"], { temprature: 2 }],
        "TypeError: generateTexts has no option 'temprature': did you mean 'temperature'?",
      ],
      [
        [lm, letters, ["a"], { seed: NaN }],
        "RangeError: generateTexts: 'seed' must be a whole number from 0 to 9007199254740991, not NaN.",
      ],
      [
        [lm, letters, ["a"], { guides: [model] }],
        "TypeError: generateTexts: 'guides[0]' is a reward model by itself: give { model, steering: " +
        "[{ label, beta }] }.",
      ],
      [
        [lm, letters, ["a"], { guides: { model, steering } }],
        "TypeError: generateTexts: 'guides' must be a list, each an object with model, steering, filter, " +
        "not an object.",
      ],
      [
        [lm, letters, ["a"], { guides: [{ model, steering: [{ beta: 20 }] }] }],
        "TypeError: generateTexts needs the option 'guides[0].steering[0].label', a label of the reward " +
        "model: give a text.",
      ],
      [
        [lm, letters, ["a"], { guides: [{ model, steering: [{ label: "kind", beta: "20" }] }] }],
        "TypeError: generateTexts: 'guides[0].steering[0].beta' must be a number from -1e+30 to " +
        '1e+30, not the text "20".',
      ],
      [
        [lm, letters, ["a"], 20],
        "TypeError: generateTexts takes an object of options as its last argument, not 20.",
      ],
    ];
    for (const [given, sentence] of wrong) {
      const error = await untyped(generateTexts, ...given).catch((error) => error);
      assert.equal(String(error), sentence);
    }
  });
});

Deno.test("every way to generate knows its options by the same names, and says who was called", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    const options = { k: 5 };
    const said = (caller: string) => ({
      message: `${caller} has no option 'k': it is called 'topK'.`,
    });
    await assert.rejects(untyped(generate, lm, [[1]], options), said("generate"));
    const steps = generateSteps(lm, [[1]], options as object);
    await assert.rejects(steps.next(), said("generateSteps"));
    const pieces = streamTexts(lm, letters, ["a"], options as object);
    await assert.rejects(pieces.next(), said("streamTexts"));
    await generate(lm, [[1]], {
      samples: 1,
      maxNewTokens: 1,
      onStep: (step) =>
        assert.throws(() => tokenTrace(step, 0, letters, options as object), said("tokenTrace")),
    });
  });
});

Deno.test("a forgotten device is asked for", async () => {
  await assert.rejects(untyped(openRewardModel, "models/arm"), {
    name: "TypeError",
    message: "openRewardModel needs 'device': give a device, from await openDevice().",
  });
  await assert.rejects(untyped(openRewardModel, "models/arm", "cpu"), {
    name: "TypeError",
    message:
      "openRewardModel: 'device' must be a device, from await openDevice(), not the text \"cpu\".",
  });
});
