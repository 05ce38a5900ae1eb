import assert from "node:assert/strict";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import type { GenerateTextsOptions } from "../../lib/decode/generate_options.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import type { TextGeneration } from "../../lib/decode/text_generation.ts";
import { lookOf } from "../../lib/notebook/display.ts";
import { visible } from "../../lib/notebook/visible.ts";
import { visibleLine } from "../../lib/notebook/visible_line.ts";
import { hostileTexts } from "../hostile_texts.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { tinyBackbone } from "../tiny_models.ts";

/** A tokenizer of the tiny models whose tokens are these words, over and over; any prompt is four tokens. */
function wordsTokenizer(
  words: readonly string[],
  endOfText: number = tinyBackbone.endOfText,
): Tokenizer {
  return {
    vocabSize: tinyBackbone.vocabulary,
    endOfText,
    encode: (text) => [...text.slice(0, 4)].map((sign) => sign.codePointAt(0)! % 60),
    decode: (ids) => ids.map((id) => id === endOfText ? "" : words[id % words.length]).join(""),
    token: (id) => id === endOfText ? "<|endoftext|>" : words[id % words.length],
  };
}

interface Shown {
  readonly generation: TextGeneration;
  readonly markup: string;
  readonly plain: string;
}

/** Generates with tiny models, steered unless the options say otherwise, and gives what a notebook shows. */
async function withShown(
  tokenizer: Tokenizer,
  prompts: readonly string[],
  options: GenerateTextsOptions,
  check: (shown: Shown) => void,
): Promise<void> {
  await withTinyModels(async ({ bases: { lm }, guides: { arm: model } }) => {
    const guides = [{ model, steering: [{ label: "kind", beta: 4 }] }];
    const settings = { guides, samples: 2, maxNewTokens: 12, seed: 3, temperature: 2, ends: [] };
    const generation = await generateTexts(lm, tokenizer, prompts, { ...settings, ...options });
    const look = await lookOf(generation);
    check({
      generation,
      markup: String(look!["text/html"]),
      plain: String(look!["text/plain"]),
    });
  });
}

const references: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
};

/** The text that markup shows, unsteered choices left out. */
function textOf(markup: string): string {
  return markup
    .replace(/<sup.*?<\/sup>/gs, "")
    .replace(/<[^>]*>/g, "")
    .replace(/&\w+;|&#39;/g, (name) => references[name]);
}

const hostile = Object.values(hostileTexts);

for (const isSteered of [true, false]) {
  const name = isSteered ? "steered" : "unsteered";
  Deno.test(`hostile prompts and tokens show as text in ${name} generations`, async () => {
    const tokenizer = wordsTokenizer(hostile);
    const options = isSteered ? {} : { guides: [] };
    for (const prompts of [hostile.slice(0, 8), hostile.slice(8)]) {
      await withShown(tokenizer, prompts, options, ({ generation, markup, plain }) => {
        const tags = new Set([...markup.matchAll(/<\/?([^\s>]*)/g)].map(([, tag]) => tag));
        for (const tag of tags) assert.ok(/^(div|span|sup|bdi)$/.test(tag), tag);
        for (const [, attributes] of markup.matchAll(/<\w+([^>]*)>/g)) {
          assert.match(attributes, /^(\s+(style|title|dir)="[^"]*")*$/);
        }
        assert.equal(visible(markup), markup);
        assert.equal(visible(plain), plain);
        const text = textOf(markup);
        for (const { prompt, continuations } of generation.texts) {
          for (const part of [prompt, ...continuations]) {
            assert.ok(text.includes(visibleLine(part)), visibleLine(part));
            assert.ok(
              plain.includes(visible(part).replaceAll("\n", "\n    ").trim()) || part === prompt,
            );
          }
        }
      });
    }
  });
}

Deno.test("tokens are shaded by their reward, with the unsteered choice where it is another", async () => {
  const words = Array.from({ length: 60 }, (_, i) => ` w${i}.`);
  const tokenizer = wordsTokenizer(words, -1);
  await withShown(tokenizer, ["a prompt"], {}, ({ generation, markup }) => {
    const traces = generation.traces!.flat(2);
    const tokens = [...markup.matchAll(
      /<span title="([^"]*)" style="background-color:rgba\(0,114,178,([\d.]+)\)[^"]*">([^<]*)<\/span>(?:<sup[^>]*><bdi>‹([^<]*)›<)?/g,
    )];
    assert.equal(tokens.length, traces.length);
    let turned = 0;
    for (const [i, [, title, alpha, text, unsteered]] of tokens.entries()) {
      const { taken, unsteered: other } = traces[i];
      assert.equal(text, taken.text.trim());
      assert.ok(Math.abs(Number(alpha) - 0.55 * taken.reward!) <= 0.005 + 1e-9);
      assert.ok(title.includes(taken.reward!.toFixed(3)));
      assert.equal(unsteered, other.id === taken.id ? undefined : other.text.trim());
      if (unsteered) turned++;
    }
    assert.ok(turned > 0 && turned < traces.length);
  });
});

Deno.test("a text's end is marked, and stands for an end in unsteered choices", async () => {
  const words = Array.from({ length: 60 }, (_, i) => ` w${i}.`);
  const options = { ends: [tinyBackbone.endOfText], samples: 3, temperature: 1 };
  await withShown(wordsTokenizer(words), ["a", "b", "c"], options, ({ generation, markup }) => {
    const ended = generation.traces!.flatMap((samples, i) =>
      samples.filter((trace, sample) => trace.length > generation.ids[i][sample].length)
    );
    assert.ok(ended.length > 0);
    const marks = [...markup.matchAll(/<span title[^>]*>∎<\/span>/g)];
    assert.equal(marks.length, ended.length);
    assert.ok(!markup.includes("endoftext|&gt;›</bdi>"));
  });
});

Deno.test("a character of several tokens is one piece", async () => {
  // every two tokens are a character
  const pairs: Tokenizer = {
    ...wordsTokenizer([]),
    encode: () => [0, 1],
    decode: (ids) => "é".repeat(ids.length / 2) + "\ufffd".repeat(ids.length % 2),
    token: (id) => `t${id}`,
  };
  const options = { maxNewTokens: 5, samples: 1 };
  await withShown(pairs, ["a"], options, ({ markup }) => {
    const pieces = [...markup.matchAll(/<span title="([^"]*)"[^>]*>([^<]*)<\/span>/g)];
    assert.deepEqual(pieces.map(([, , text]) => text), ["é", "é", "\ufffd"]);
    assert.deepEqual(
      pieces.map(([, title]) => title.split("\n").filter((line) => line.startsWith("“")).length),
      [2, 2, 1],
    );
  });
});

Deno.test("what is not shown is counted", async () => {
  const prompts = Array.from({ length: 10 }, (_, i) => `prompt ${i}`);
  const options = { samples: 4, maxNewTokens: 1 };
  await withShown(wordsTokenizer([" a"]), prompts, options, ({ markup, plain }) => {
    for (const text of [markup, plain]) {
      assert.equal(text.match(/… and 1 more continuation(?!s)/g)?.length, 8);
      assert.equal(text.match(/… and 2 more prompts/g)?.length, 1);
      assert.ok(text.includes("prompt 7") && !text.includes("prompt 8"));
    }
  });
});

Deno.test("without traces, and without steering, texts are shown as they are", async () => {
  const tokenizer = wordsTokenizer([" a", " b"]);
  for (const options of [{ traces: false }, { guides: [] }]) {
    await withShown(tokenizer, ["p"], options, ({ generation, markup }) => {
      assert.equal("traces" in generation, !("traces" in options));
      assert.ok(!markup.includes("title=") && !markup.includes("<sup"));
      assert.ok(textOf(markup).includes(generation.texts[0].continuations[1]));
    });
  }
});
