import fc from "fast-check";
import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe } from "../../../lib/data/byte_level_bpe.ts";
import type { Tokenizer } from "../../../lib/data/tokenizer.ts";
import { TokenizedText } from "../../../lib/methods/by_text/tokenized_text.ts";
import type { JsonObject } from "../../../lib/tokenization/json.ts";
import { Tokenization } from "../../../lib/tokenization/tokenization.ts";
import { goldenBackbones } from "../../shared_data.ts";

/** Small tokenizers of every kind; those of Llama and Gemma among them are cut with care. */
const { tokenizers } = JSON.parse(
  await Deno.readTextFile(new URL("../../tokenization/cases.json", import.meta.url)),
) as { tokenizers: { name: string; tokenizer: JsonObject }[] };

/** It has merges of several blanks, signs and line ends, so that these are other tokens together than apart. */
const trained = trainByteLevelBpe(
  Array(5).fill(
    "the film was good, wasn't it? they'll see 'the film' again in 2024...\n   a  b   c    'll 's\n\n  \n ?! ??",
  ),
  { vocabSize: 400 },
) as unknown as JsonObject;

const words = {
  type: "Split",
  behavior: "Isolated",
  invert: false,
} as const;

/** The patterns of further families, over the trained vocabulary. */
const patterns: Readonly<Record<string, string>> = {
  llama3:
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  qwen2:
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  o200k:
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
};

function withPattern(Regex: string): JsonObject {
  return {
    ...trained,
    normalizer: { type: "NFC" },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { ...words, pattern: { Regex } },
        { type: "ByteLevel", add_prefix_space: false, use_regex: false },
      ],
    },
  };
}

const all: { name: string; tokenizer: JsonObject }[] = [
  ...tokenizers,
  ...tokenizers.map(({ name, tokenizer }) => ({
    name: `${name}, without added tokens that look around`,
    tokenizer: withoutLooking(tokenizer),
  })).filter(({ tokenizer }) => new Tokenization(tokenizer).cutsBeforeBlanks),
  { name: "a byte-level BPE of ours", tokenizer: trained },
  ...Object.entries(patterns).map(([name, regex]) => ({ name, tokenizer: withPattern(regex) })),
  ...await goldenTokenizers(),
];

function withoutLooking(json: JsonObject): JsonObject {
  const added = json.added_tokens as { rstrip: boolean; single_word: boolean; content: string }[];
  return {
    ...json,
    added_tokens: added.filter(({ rstrip, single_word, content }) =>
      !rstrip && !single_word && !/\p{L} /u.test(content)
    ),
  };
}

async function goldenTokenizers(): Promise<{ name: string; tokenizer: JsonObject }[]> {
  if (!goldenBackbones) return [];
  const folder = join(goldenBackbones, "tokenizers");
  const found = [];
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(join(folder, name, "tokenizer.json"));
    found.push({ name: `golden ${name}`, tokenizer: JSON.parse(text) as JsonObject });
  }
  return found;
}

/** Pieces of texts in which boundaries move: blanks, contractions, marks that compose, characters of several bytes. */
const piece = fc.oneof(
  fc.constantFrom(
    ...["the", " the", "film", " film", " was", "good", " a", "a", "I", "X", " ", "  ", "   "],
    ...[
      "'",
      "'l",
      "l",
      "'s",
      "s",
      "'LL",
      "n't",
      "\n",
      "\r\n",
      "\t",
      " \n",
      "1",
      "12",
      "2024",
      " 3",
    ],
    ...[
      ".",
      "...",
      "!",
      "?!",
      "/",
      "é",
      "e\u0301",
      "\u0301",
      "\u0958",
      "\u212b",
      "\u2126",
      "ß",
      "İ",
    ],
    ...[
      "日本",
      "한",
      "\u1112",
      "\u1161",
      "🙂",
      "𝒳",
      "ﬁ",
      "▁",
      "▁a",
      "\u00a0",
      "\u3000",
      "<s>",
      "</s>",
    ],
    ...["<|endoftext|>", "<|im_end|>", "<0x41>", "[MASK]", "<mask>", "ǅ", "ʰ", "\ufeff", "\u200d"],
  ),
  fc.string({ unit: "grapheme", maxLength: 4 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("").toWellFormed());

for (const { name, tokenizer: json } of all) {
  const tokenization = new Tokenization(json);
  const how = tokenization.cutsBeforeBlanks ? "cut before its last word" : "as a whole";
  Deno.test(`${name}: a text that grows has the tokens of the whole text, ${how}`, () => {
    const tokenizer = tokenization as unknown as Tokenizer;
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 6 }),
        fc.func(fc.boolean()),
        (parts, settles) => {
          let whole = parts[0];
          let tokenized = TokenizedText.of(tokenizer, whole);
          const check = () =>
            assert.deepEqual(
              [...tokenized.settled, ...tokenized.open],
              encoded(tokenization, whole),
              JSON.stringify(whole),
            );
          check();
          for (const [i, part] of parts.slice(1).entries()) {
            whole += part;
            tokenized = tokenized.with(part);
            if (settles(i)) tokenized = tokenized.settle();
            check();
          }
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });
}

function encoded(tokenization: Tokenization, text: string): number[] {
  return tokenization.encode(text);
}

Deno.test("the tokenizers of usual families are cut before blanks, those that look around are not", () => {
  const cuts = (json: JsonObject) => new Tokenization(json).cutsBeforeBlanks;
  assert.ok(cuts(trained));
  for (const regex of Object.values(patterns)) assert.ok(cuts(withPattern(regex)), regex);
  assert.ok(!cuts(withPattern("\\p{L}+ ?|\\s+|\\p{N}")), "a word with the blank behind it");
  assert.ok(!cuts(withPattern("\\p{L}+")), "blanks that nothing takes");
  const token = { id: 999, content: "film was", special: false, normalized: false };
  assert.ok(!cuts({ ...trained, added_tokens: [token] }), "a token of two words");
  const eager = { id: 999, content: "film", rstrip: true, special: false };
  assert.ok(!cuts({ ...trained, added_tokens: [eager] }), "a token that takes blanks behind it");
  assert.ok(!cuts({ ...trained, normalizer: { type: "StripAccents" } }), "an unproven normalizer");
});

Deno.test("a text is made into tokens again from its last word only", () => {
  const asked: string[] = [];
  const tokenization = new Tokenization(trained);
  const tokenizer = {
    cutsBeforeBlanks: true,
    encode(text: string) {
      asked.push(text);
      return tokenization.encode(text);
    },
  } as unknown as Tokenizer;
  const long = TokenizedText.of(tokenizer, "the film was good ".repeat(50) + "the fi");
  assert.equal(asked[0].length, 18 * 50 + 6);
  asked.length = 0;
  const longer = long.with("lm").settle();
  assert.deepEqual(new Set(asked), new Set(["a film"]));
  assert.equal(tokenization.decode([...longer.settled, ...longer.open]).slice(-8), "the film");
});
