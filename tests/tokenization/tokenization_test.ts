import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/tokenization/json.ts";
import { Tokenization } from "../../lib/tokenization/tokenization.ts";

interface Made {
  readonly name: string;
  readonly tokenizer: JsonObject;
  readonly cases: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
}

/** Small tokenizers of every kind, with what Hugging Face's library makes of some texts. */
const made: readonly Made[] = JSON.parse(
  await Deno.readTextFile(new URL("./cases.json", import.meta.url)),
).tokenizers;

for (const { name, tokenizer, cases } of made) {
  Deno.test(`${name}: ids and decoded texts are those of Hugging Face's tokenizers`, () => {
    const tokenization = new Tokenization(tokenizer);
    for (const { text, ids, decoded } of cases) {
      assert.deepEqual(tokenization.encode(text), ids, JSON.stringify(text));
      assert.equal(tokenization.decode(ids), decoded, JSON.stringify(text));
    }
  });
}

const [{ tokenizer: byteLevel }] = made;
const model = byteLevel.model as JsonObject;

Deno.test("what a tokenizer.json says and is not known is refused by name", () => {
  const refused: [JsonObject, RegExp][] = [
    [{ normalizer: { type: "Transliterate" } }, /the normalizer "Transliterate" is not supported/],
    [{ pre_tokenizer: { type: "UnicodeScripts" } }, /the pre-tokenizer "UnicodeScripts"/],
    [{ decoder: { type: "CTC" } }, /the decoder "CTC" is not supported/],
    [{ post_processor: { type: "Sprinkle" } }, /the post-processor "Sprinkle" is not supported/],
    [{ model: { ...model, type: "Sorcery" } }, /the model "Sorcery" is not supported/],
    [{ model: { ...model, dropout: 0.1 } }, /dropout 0.1, which draws other tokens each time/],
    [
      { model: { type: "Unigram", vocab: [["a", 0]], unk_id: 1 } },
      /unk_id 1 is none of its 1 tokens/,
    ],
    [{ model: { ...model, merges: ["a b c"] } }, /the merge "a b c" must name two tokens/],
    [{ model: { ...model, merges: [["qq", "qq"]] } }, /the token "qqqq" is not in vocab/],
    [{ pre_tokenizer: { type: "Split", pattern: { Regex: "(" }, behavior: "Isolated" } }, /./],
    [{ pre_tokenizer: { type: "Split", pattern: { String: "a" }, behavior: "Eaten" } }, /Eaten/],
  ];
  for (const [change, message] of refused) {
    assert.throws(() => new Tokenization({ ...byteLevel, ...change }), message);
  }
});

Deno.test("a character that the vocabulary lacks is left out before neighbours are merged", () => {
  const { encode } = textually({
    type: "BPE",
    vocab: { a: 0, b: 1, ab: 2 },
    merges: [["a", "b"]],
    unk_token: null,
  });
  assert.deepEqual(encode("a?b"), [2]);
});

Deno.test("among equal ranks the left-most neighbours are merged first", () => {
  const { encode } = textually({
    type: "BPE",
    vocab: { a: 0, aa: 1, aaa: 2 },
    merges: [["a", "a"], ["aa", "a"]],
  });
  assert.deepEqual(encode("aaa"), [2]);
  assert.deepEqual(encode("a".repeat(3001)), [...Array(1499).fill(1), 2]);
});

Deno.test("ids without a token, and half a surrogate pair, cost no text", () => {
  const tokenization = new Tokenization(byteLevel);
  const ids = tokenization.encode("the \ud800film");
  assert.equal(tokenization.decode([...ids, 1_000_000, -1]), " the \ufffdfilm");
});

function textually(model: JsonObject) {
  const tokenization = new Tokenization({ model });
  return { encode: (text: string) => tokenization.encode(text) };
}
