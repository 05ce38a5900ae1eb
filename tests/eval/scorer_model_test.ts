import assert from "node:assert/strict";
import { generate } from "../../lib/decode/generate.ts";
import { scorerModel } from "../../lib/eval/scorer_model.ts";
import type { Scorer } from "../../lib/eval/scorers/scorer.ts";
import { letters } from "../bases/letters.ts";
import { withTinyModels } from "../open_tiny_models.ts";

/** Rates texts by how many of their letters are early ones; notes what it was asked. */
function earlyLetters(asked: string[][]): Scorer {
  const share = (text: string) =>
    [...text].filter((letter) => letter < "\u4e10").length / Math.max(1, text.length);
  return {
    name: "early",
    version: "1",
    labels: ["early", "none"],
    reads: "whole",
    score: (texts) => {
      asked.push([...texts]);
      return Promise.resolve(Float64Array.from(texts.flatMap((text) => [share(text), NaN])));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("a scorer adds β log p(c | text) of the whole text with each candidate, and nothing where it has no score", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const asked: string[][] = [];
    const model = scorerModel(earlyLetters(asked), { base, tokenizer: letters });
    const steering = [{ label: "early", beta: 3 }, { label: "none", beta: 5 }];
    const prompts = [[7, 30], [8]];
    let steps = 0;
    const { continuations, backboneCalls } = await generate(base, prompts, {
      guides: [{ model, steering }],
      samples: 2,
      topK: 6,
      maxNewTokens: 4,
      ends: [],
      progress: false,
      onStep({ rows, candidates, logits, guided }) {
        const texts = rows.map(({ prompt }) => letters.decode(prompts[prompt]));
        if (steps++ > 0) return;
        texts.forEach((text, row) => {
          for (let i = 0; i < 6; i++) {
            const at = row * 6 + i;
            const whole = text + letters.decode([Number(candidates.data[at])]);
            const early = [...whole].filter((letter) => letter < "\u4e10").length / whole.length;
            const p = Math.min(Math.max(early, 1e-7), 1 - 1e-7);
            const expected = Number(logits.data[at]) + 3 * Math.log(p) + 5 * Math.log(0.5);
            assert.ok(Math.abs(Number(guided.data[at]) - expected) < 1e-3);
          }
        });
      },
    });
    // the last texts that were asked for are those of the last step, each with a candidate behind it
    const written = continuations.flatMap((samples, prompt) =>
      samples.map((ids) => letters.decode([...prompts[prompt], ...ids.slice(0, -1)]))
    );
    assert.equal(asked.length, 4);
    assert.ok(asked[3].every((text) => written.some((begun) => text.startsWith(begun))));
    assert.ok(backboneCalls[0] > 3 && backboneCalls[0] <= 6);
  });
});

Deno.test("between every n-th token a scorer is not asked, and of continuations it is not shown the prompt", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const asked: string[][] = [];
    const opened = { base, tokenizer: letters };
    const model = scorerModel(earlyLetters(asked), opened, { every: 2, reads: "continuation" });
    const prompt = letters.decode([7, 30]);
    const options = { samples: 1, topK: 3, maxNewTokens: 5, ends: [], progress: false } as const;
    await generate(base, [[7, 30]], {
      ...options,
      guides: [{ model, steering: [{ label: "early" }] }],
    });
    assert.equal(asked.length, 3);
    asked.forEach((texts, i) => {
      assert.ok(texts.every((text) => text.length <= 1 + 2 * i && !text.includes(prompt)));
    });
  });
});

Deno.test("a scorer that rates the whole vocabulary is refused in one sentence", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const model = scorerModel(earlyLetters([]), { base, tokenizer: letters });
    await assert.rejects(
      generate(base, [[7]], {
        rated: "vocabulary",
        guides: [{ model, steering: [{ label: "early" }] }],
      }),
      /kind caif reads every candidate, so it cannot rate the whole vocabulary: rate the top k/,
    );
  });
});
