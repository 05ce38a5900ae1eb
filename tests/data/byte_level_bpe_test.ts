import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** BPE counted anew for every merge, on words of the letters a–c and blanks. */
function slowMerges(texts: readonly string[], count: number, minFrequency: number): string[] {
  const order = new Map(["a", "b", "c", "Ġ"].map((token, id) => [token, id]));
  const words = texts.flatMap((text) => text.match(/ ?[abc]+| +(?![abc])| +/g) ?? [])
    .map((word) => [...word.replaceAll(" ", "Ġ")]);
  const merges: string[] = [];
  while (merges.length < count) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = `${word[i]} ${word[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const rank = (pair: string) => pair.split(" ").map((token) => order.get(token)!);
    const [best] = [...counts].sort(([p, n], [q, m]) => {
      const [a, b] = rank(p);
      const [c, d] = rank(q);
      return m - n || a - c || b - d;
    });
    if (best === undefined || best[1] < minFrequency) break;
    const [left, right] = best[0].split(" ");
    // Where two pairs spell the same token, the order of ids is no longer this simple.
    if (order.has(left + right)) break;
    order.set(left + right, order.size);
    merges.push(best[0]);
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) word.splice(i, 2, left + right);
      }
    }
  }
  return merges;
}

Deno.test("merges are those of counting all pairs anew each time", () => {
  const letters = fc.string({
    unit: fc.constantFrom("a", "b", "c", "a", "b", " "),
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      (texts, minFrequency) => {
        fc.pre(texts.some((text) => text !== ""));
        const { merges } = trainByteLevelBpe(texts, { vocabSize: 257 + 40, minFrequency }).model;
        const expected = slowMerges(texts, 40, minFrequency);
        assert.deepEqual(merges.slice(0, expected.length), expected);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("equally frequent pairs are merged in the order of their ids", () => {
  const { merges } = trainByteLevelBpe(["zy zy ab ab"], { vocabSize: 300 }).model;
  // The blank is spelled Ġ, whose id is above those of all letters.
  assert.deepEqual(merges, ["a b", "z y", "Ġ ab"]);
});

Deno.test("the vocabulary is the bytes, the merges, and <|endoftext|> last", () => {
  const { model, added_tokens } = trainByteLevelBpe(["low lower lowest"], { vocabSize: 259 });
  assert.deepEqual(model.merges, ["l o", "lo w"]);
  const tokens = Object.entries(model.vocab).sort(([, a], [, b]) => a - b).map(([token]) => token);
  assert.equal(tokens.length, 259);
  assert.deepEqual(tokens.slice(0, 3), ["!", '"', "#"]);
  assert.deepEqual(tokens.slice(-3), ["lo", "low", "<|endoftext|>"]);
  assert.equal(added_tokens[0].id, 258);
  assert.ok(tokens.includes("Ġ"));
});

Deno.test("words, numbers and signs are never merged with one another", () => {
  const text = "it's 12a ... it's 12a ... ";
  const { vocab } = trainByteLevelBpe([text, text, text], { vocabSize: 400 }).model;
  for (const token of ["'s", "Ġ12", "Ġ...", "it"]) assert.ok(token in vocab, token);
  for (const token of ["it's", "t'", "2a", "...Ġ"]) assert.ok(!(token in vocab), token);
});

Deno.test("progress counts the merges", () => {
  const seen: string[] = [];
  trainByteLevelBpe(["low low lower"], {
    vocabSize: 259,
    onProgress: (merges, total) => seen.push(`${merges}/${total}`),
  });
  assert.deepEqual(seen, ["1/2", "2/2"]);
});

Deno.test("bad options and an empty corpus are refused", () => {
  for (const vocabSize of [256, 0, 300.5, NaN, 2 ** 25]) {
    assert.throws(() => trainByteLevelBpe(["a"], { vocabSize }), RangeError);
  }
  assert.throws(() => trainByteLevelBpe(["a"], { vocabSize: 300, minFrequency: 0 }), RangeError);
  assert.throws(() => trainByteLevelBpe([""], { vocabSize: 300 }), {
    name: "RangeError",
    message: "There is no text to train a tokenizer on; give at least one word.",
  });
});

Deno.test("the folder says that it is a GPT-2 tokenizer and how long the context is", () =>
  withTemporaryFolder(async (folder) => {
    const dir = join(folder, "new", "model");
    const json = trainByteLevelBpe(["low low"], { vocabSize: 300 });
    await writeTokenizer(dir, json, { modelMaxLength: 64 });
    const read = (name: string) => JSON.parse(Deno.readTextFileSync(join(dir, name)));
    assert.deepEqual(read("tokenizer.json"), json);
    const config = read("tokenizer_config.json");
    assert.equal(config.tokenizer_class, "GPT2Tokenizer");
    assert.equal(config.model_max_length, 64);
    assert.equal(config.eos_token, "<|endoftext|>");
  }));
