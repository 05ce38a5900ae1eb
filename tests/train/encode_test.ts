import assert from "node:assert/strict";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import {
  encodeTexts,
  fingerprint,
  holdOut,
  piecesOf,
  withinVocabulary,
} from "../../lib/train/encode.ts";
import type { Example } from "../../lib/train/objective.ts";

/** A token is a character. */
const characters: Tokenizer = {
  vocabSize: 128,
  endOfText: 0,
  encode: (text) => [...text].map((letter) => letter.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
  token: (id) => String.fromCharCode(id),
};

const plain = (examples: readonly Example[]) =>
  examples.map(({ ids, labels }) => [characters.decode(Array.from(ids)), Array.from(labels)]);

Deno.test("texts become tokens, cut where they are too long, with their own labels", async () => {
  const labels = Float32Array.of(0, 0.5, 1, 0.25);
  assert.deepEqual(plain(await encodeTexts(characters, ["abcdef", "xy"], 4, labels)), [
    ["abcd", [0, 0.5]],
    ["xy", [1, 0.25]],
  ]);
  assert.deepEqual(plain(await encodeTexts(characters, ["abc"], 4)), [["abc", []]]);
  assert.deepEqual(await encodeTexts(characters, [], 4), []);
});

Deno.test("long texts are cut into pieces that go on, but for the last", async () => {
  const pieces = piecesOf(
    await encodeTexts(characters, ["abcdefg", "xy", "", "abcd"], Infinity),
    4,
  );
  assert.deepEqual(pieces.map(({ ids, goesOn }) => [characters.decode(Array.from(ids)), goesOn]), [
    ["abcd", true],
    ["efg", false],
    ["xy", false],
    ["", false],
    ["abcd", false],
  ]);
});

Deno.test("a token that the model does not have is an error that names text and token", async () => {
  const examples = await encodeTexts(characters, ["ab", "cz"], 4);
  assert.equal(withinVocabulary(examples, 123), examples);
  assert.throws(() => withinVocabulary(examples, 122), {
    name: "RangeError",
    message:
      "Text 2 holds token 122, but the model's vocabulary has 122 tokens: its tokenizer is another model's",
  });
});

Deno.test("a share is held out, the same for a seed", async () => {
  const examples = await encodeTexts(characters, [..."abcdefghij"], 4);
  const { training, evaluation } = holdOut(examples, 0.25, 1);
  assert.equal(evaluation.length, 2);
  assert.deepEqual(new Set([...training, ...evaluation]), new Set(examples));
  assert.deepEqual(holdOut(examples, 0.25, 1), { training, evaluation });
  assert.notDeepEqual(holdOut(examples, 0.25, 2).evaluation, evaluation);
  assert.deepEqual(holdOut(examples, 0, 1), { training: examples, evaluation: [] });
});

Deno.test("a fingerprint changes with any token, label, cut or order", async () => {
  const of = async (texts: string[], labels?: number[]) =>
    fingerprint(await encodeTexts(characters, texts, 9, labels && Float32Array.from(labels)));
  const prints = [
    await of(["ab", "c"]),
    await of(["ab", "d"]),
    await of(["a", "bc"]),
    await of(["abc"]),
    await of(["c", "ab"]),
    await of(["ab", "c"], [0, 1]),
    await of(["ab", "c"], [0, 0.5]),
  ];
  assert.equal(new Set(prints).size, prints.length);
  assert.equal(await of(["ab", "c"]), prints[0]);
});

Deno.test("tokenizing many texts lets other work have its turn", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const slow: Tokenizer = {
    ...characters,
    encode(text) {
      for (const until = performance.now() + 15; performance.now() < until;);
      return characters.encode(text);
    },
  };
  await encodeTexts(slow, Array.from({ length: 30 }, () => "a"), 4);
  clearInterval(timer);
  assert.ok(turns > 0);
});
