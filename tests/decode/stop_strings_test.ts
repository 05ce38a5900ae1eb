import fc from "fast-check";
import assert from "node:assert/strict";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import type { GenerateTextsOptions } from "../../lib/decode/generate_options.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { StopStrings } from "../../lib/decode/stop_strings.ts";
import { streamTexts } from "../../lib/decode/stream_texts.ts";
import { lookOf } from "../../lib/notebook/display.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { tinyBackbone } from "../tiny_models.ts";

const { vocabulary, endOfText } = tinyBackbone;
const syllables = ["a", "b", "ab", "ba", "c"];
/** The first and the last byte of "é", "<end>", which is special, and syllables over and over. */
const [first, last, end] = [1, 2, 3];

const tokenizer: Tokenizer = {
  vocabSize: vocabulary,
  endOfText,
  encode: (text) => text === "<end>" ? [end] : [...text].map((letter) => letter.charCodeAt(0) % 60),
  decode: (ids) => {
    const bytes = ids.flatMap((id) => {
      if (id === first || id === last) return id === first ? 0xc3 : 0xa9;
      return id === endOfText || id === end ? [] : [...new TextEncoder().encode(wordOf(id))];
    });
    return new TextDecoder().decode(Uint8Array.from(bytes));
  },
  token: (id) => id === endOfText ? "<|endoftext|>" : id === end ? "<end>" : wordOf(id),
};

function wordOf(id: number): string {
  return syllables[id % syllables.length];
}

const ways: readonly GenerateTextsOptions[] = [
  { stepsPerRun: 1 },
  { stepsPerRun: 100 },
  { together: false },
  { batchSize: 1 },
];

const stops = fc.uniqueArray(
  fc.constantFrom("bb", "aba", "cab", "é", "éa", "<end>", "bac", "ccc", "z"),
  { minLength: 1, maxLength: 3 },
);

Deno.test("however a text is computed and given out, it ends before its first stop string", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    let stopped = 0;
    await fc.assert(
      fc.asyncProperty(
        stops,
        fc.nat(100),
        fc.constantFrom({}, { minP: 0.05, repetitionPenalty: 1.3, topP: 0.95 }),
        async (stop, seed, cuts) => {
          const common = { topK: 61, samples: 3, maxNewTokens: 12, seed, temperature: 3, ...cuts };
          const prompts = ["HI", "A"];
          const whole = await generateTexts(lm, tokenizer, prompts, { ...common, traces: false });
          const expected = whole.ids.map((samples) =>
            samples.map((ids) => {
              const isEnd = (id: number) => stop.includes("<end>") && id === end;
              const ended = ids.findIndex(isEnd);
              const kept = ended < 0 ? ids : ids.slice(0, ended);
              const text = tokenizer.decode(kept);
              const place = Math.min(
                ...stop.map((one) => text.indexOf(one)).filter((at) => at >= 0),
              );
              if (place < Infinity || ended >= 0) stopped++;
              return text.slice(0, place);
            })
          );
          for (const way of ways) {
            const { texts, ids } = await generateTexts(lm, tokenizer, prompts, {
              ...common,
              ...way,
              stop,
              traces: false,
            });
            assert.deepEqual(texts.map(({ continuations }) => continuations), expected);
            // the tokens are those of the text that goes on, up to the one that completes a stop string
            ids.forEach((samples, i) =>
              samples.forEach((ids, j) => {
                assert.deepEqual(ids, whole.ids[i][j].slice(0, ids.length));
                const before = tokenizer.decode(ids.slice(0, -1));
                assert.ok(!stop.some((one) => before.includes(one)));
              })
            );
          }
          const streamed = prompts.map(() => ["", "", ""]);
          for await (
            const { prompt, sample, text } of streamTexts(lm, tokenizer, prompts, {
              ...common,
              stop,
            })
          ) {
            streamed[prompt][sample] += text;
            assert.ok(expected[prompt][sample].startsWith(streamed[prompt][sample]));
          }
          assert.deepEqual(streamed, expected);
        },
      ),
      { numRuns: 15, seed: 1 },
    );
    assert.ok(stopped > 20, `${stopped}`);
  });
});

Deno.test("what may be the beginning of a stop string is held back, and no more", () => {
  const stop = new StopStrings(tokenizer, ["\n\nUser:", "###"]);
  const settled = (text: string) => text.slice(0, stop.settledLength(text));
  assert.equal(settled("Hello.\n\nUs"), "Hello.");
  assert.equal(settled("Hello.\n"), "Hello.");
  assert.equal(settled("Hello.\n\nuser"), "Hello.\n\nuser");
  assert.equal(settled("# ##"), "# ");
  assert.equal(stop.cut("one\n\nUser: two ###"), "one");
  assert.equal(stop.cut("one"), "one");
});

Deno.test("an empty stop string is refused", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    await assert.rejects(generateTexts(lm, tokenizer, ["A"], { stop: [""] }), {
      name: "RangeError",
      message: "A stop string is empty, so it would end every text: leave it out.",
    });
  });
});

Deno.test("what a stop string cut off is not shown in a notebook either", async () => {
  await withTinyModels(async ({ bases: { lm }, guides: { arm: model } }) => {
    const guides = [{ model, steering: [{ label: "kind" }] }];
    const options = { guides, topK: 61, samples: 3, maxNewTokens: 20, temperature: 3, seed: 1 };
    const generation = await generateTexts(lm, tokenizer, ["A"], { ...options, stop: ["ba"] });
    const markup = String((await lookOf(generation))!["text/html"]);
    const shown = [...markup.matchAll(/<div dir="auto" style="margin[^>]*>(.*?)<\/div>/gs)]
      .map(([, text]) => text.replace(/<sup.*?<\/sup>/gs, "").replace(/<[^>]*>|∎/g, ""));
    assert.deepEqual(shown.slice(1), generation.texts[0].continuations);
    assert.ok(markup.includes("∎</span>"));
  });
});
