import assert from "node:assert/strict";
import fc from "fast-check";
import { words } from "../../lib/eval/words.ts";

Deno.test("raw and treebank text give the same words", () => {
  const pairs = [
    ["It's a film you don't want to miss.", "it 's a film you do n't want to miss ."],
    ["They can’t — we cannot!", "they ca n't — we can not !"],
    ["“Well-made” (mostly)...", "`` well-made '' -lrb- mostly -rrb- ..."],
    ["The director's 2.5-hour cut, we'll say", "the director 's 2.5-hour cut , we 'll say"],
  ];
  for (const [raw, treebank] of pairs) assert.deepEqual(words(raw), words(treebank));
});

Deno.test("punctuation marks are words of their own", () => {
  assert.deepEqual(words("Wow!! Good, no..."), ["wow", "!", "!", "good", ",", "no", "..."]);
});

Deno.test("a word with n't in its middle or after a number is not split", () => {
  assert.deepEqual(words("n'tx"), ["n", "'", "tx"]);
  assert.deepEqual(words("élan's naïve"), ["élan", "'s", "naïve"]);
});

Deno.test("words hold no white space and lose no letter or digit", () => {
  const letters = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const found = words(text);
      assert.ok(found.every((word) => word.length > 0 && !/\s/.test(word)));
      fc.pre(!/-[lr]rb-/i.test(text));
      assert.equal(letters(found.join("")), letters(text));
    }),
  );
});
