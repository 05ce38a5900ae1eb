import assert from "node:assert/strict";
import { join, relative } from "node:path";
import fc from "fast-check";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadTokenizer, type Tokenizer } from "../../lib/data/tokenizer.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const json = trainByteLevelBpe(
  ["the soup was good and the film was bad", "naïve café, 日本語 🙂 it's 12 o'clock\n\n  ok"],
  { vocabSize: 290 },
);

/** Runs `test` with a folder that holds the tokenizer. */
function withTokenizer(test: (folder: string) => Promise<void>): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    await writeTokenizer(folder, json);
    await test(folder);
  });
}

Deno.test({
  name: "a tokenizer is loaded from a folder alone, without network",
  permissions: { net: false, read: true, write: true, env: true, sys: true, ffi: true },
  fn: () =>
    withTokenizer(async (folder) => {
      const tokenizer = await loadTokenizer(folder);
      assert.equal(tokenizer.vocabSize, Object.keys(json.model.vocab).length);
      assert.equal(tokenizer.endOfText, tokenizer.vocabSize - 1);
      assert.equal(tokenizer.token(tokenizer.endOfText), "<|endoftext|>");
      assert.deepEqual(tokenizer.encode("the ").map(tokenizer.token), ["the", "Ġ"]);
    }),
});

Deno.test("tokenizer.json alone is enough, and the path may be relative", () =>
  withTokenizer(async (folder) => {
    const full = await loadTokenizer(folder);
    await Deno.remove(join(folder, "tokenizer_config.json"));
    const bare = await loadTokenizer(relative(Deno.cwd(), folder));
    assert.equal(bare.endOfText, full.endOfText);
    assert.deepEqual(bare.encode("the soup was bad"), full.encode("the soup was bad"));
  }));

Deno.test("every text comes back from its ids", () =>
  withTokenizer(async (folder) => {
    const tokenizer = await loadTokenizer(folder);
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    }));
    for (const text of ["", " ", "a  b\n\t c . it 's , n't", "good bad ! ?"]) {
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    }
  }));

Deno.test("special tokens are neither added nor decoded", () =>
  withTokenizer(async (folder) => {
    const tokenizer = await loadTokenizer(folder);
    const ids = tokenizer.encode("good");
    assert.ok(!ids.includes(tokenizer.endOfText));
    assert.equal(tokenizer.decode([tokenizer.endOfText, ...ids, tokenizer.endOfText]), "good");
  }));

Deno.test("the special tokens that texts begin with are those that the tokenizer says", () =>
  withTokenizer(async (folder) => {
    assert.deepEqual((await loadTokenizer(folder)).begin, []);
    const [id, content] = [json.model.vocab["<|endoftext|>"], "<|endoftext|>"];
    const sequence = { Sequence: { id: "A", type_id: 0 } };
    const special = { SpecialToken: { id: content, type_id: 0 } };
    const post_processor = {
      type: "TemplateProcessing",
      single: [special, sequence, special],
      pair: [sequence, sequence],
      special_tokens: { [content]: { id: content, ids: [id], tokens: [content] } },
    };
    const path = join(folder, "tokenizer.json");
    await Deno.writeTextFile(path, JSON.stringify({ ...json, post_processor }));
    const { begin, encode } = await loadTokenizer(folder);
    assert.deepEqual(begin, [id]);
    assert.ok(!encode("a soup").includes(id));
  }));

Deno.test("an id outside the vocabulary has no spelling, and adds nothing to a text", () =>
  withTokenizer(async (folder) => {
    const tokenizer = await loadTokenizer(folder);
    const ids = tokenizer.encode("the film");
    for (const id of [-1, tokenizer.vocabSize, 1.5, NaN]) {
      assert.throws(() => tokenizer.token(id), RangeError);
      assert.equal(tokenizer.decode([id]), "");
      assert.equal(tokenizer.decode([id, ...ids, id]), "the film");
    }
  }));

/** The ids that transformers 5.24 gives for such a folder, as spellings. */
function withFiles(
  files: Record<string, unknown>,
  test: (spellings: (text: string) => string[], tokenizer: Tokenizer) => void,
): Promise<void> {
  return withTokenizer(async (folder) => {
    for (const [file, content] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, file), JSON.stringify(content));
    }
    const tokenizer = await loadTokenizer(folder);
    test((text) => tokenizer.encode(text).map(tokenizer.token), tokenizer);
  });
}

const prefixed = { ...json, pre_tokenizer: { ...json.pre_tokenizer, add_prefix_space: true } };
const gpt2 = { tokenizer_class: "GPT2TokenizerFast", eos_token: "<|endoftext|>" };
const fast = { tokenizer_class: "PreTrainedTokenizerFast", eos_token: "<|endoftext|>" };
const extra = { content: "<x>", single_word: false, lstrip: false, rstrip: false };

for (
  const [title, files, right] of [
    ["with true in it", { "tokenizer_config.json": { ...gpt2, add_prefix_space: true } }, "Ġ"],
    [
      "with false in it",
      { "tokenizer.json": prefixed, "tokenizer_config.json": { ...gpt2, add_prefix_space: false } },
      "the",
    ],
    ["with nothing in it", { "tokenizer.json": prefixed, "tokenizer_config.json": gpt2 }, "the"],
    [
      "of a class known from config.json",
      { "tokenizer_config.json": { add_prefix_space: true }, "config.json": { model_type: "opt" } },
      "Ġ",
    ],
    [
      "of a class that leaves it to tokenizer.json",
      { "tokenizer.json": prefixed, "tokenizer_config.json": { ...fast, add_prefix_space: false } },
      "Ġ",
    ],
  ] as [string, Record<string, unknown>, string][]
) {
  Deno.test(`tokenizer_config.json ${title} says whether a blank is put before a text`, () =>
    withFiles(files, (spellings) => assert.equal(spellings("the")[0], right)));
}

Deno.test("special_tokens_map.json, added_tokens.json and tokenizer_config.json add tokens", async () => {
  const id = json.added_tokens[0].id + 1;
  const special = [
    { "special_tokens_map.json": { additional_special_tokens: ["<x>"] } },
    { "tokenizer_config.json": { ...gpt2, additional_special_tokens: [extra] } },
    { "tokenizer_config.json": { ...gpt2, extra_special_tokens: { image: "<x>" } } },
    { "tokenizer_config.json": { ...gpt2, pad_token: "<x>" } },
    {
      "tokenizer_config.json": {
        ...gpt2,
        added_tokens_decoder: { [id]: { ...extra, special: true } },
      },
    },
    {
      "tokenizer_config.json": { ...gpt2, additional_special_tokens: ["<x>"] },
      "added_tokens.json": { "<x>": id },
    },
  ];
  for (const files of special) {
    await withFiles(files, (_, { encode, decode }) => {
      assert.ok(encode("a<x>").includes(id), JSON.stringify(files));
      assert.equal(decode(encode("a<x>b")), "ab", JSON.stringify(files));
    });
  }
  const plain = { "tokenizer_config.json": gpt2, "added_tokens.json": { "<x>": id } };
  await withFiles(plain, (_, { encode, decode }) => {
    assert.ok(encode("a<x>").includes(id));
    assert.equal(decode(encode("a<x>b")), "a<x>b");
  });
});

Deno.test("special_tokens_map.json names the end of text, unless tokenizer_config.json tells all tokens", async () => {
  const map = { "special_tokens_map.json": { eos_token: { ...extra, content: "the" } } };
  await withFiles(map, (_, { endOfText, token }) => assert.equal(token(endOfText), "the"));
  const told = { ...map, "tokenizer_config.json": { ...gpt2, added_tokens_decoder: {} } };
  await withFiles(
    told,
    (_, { endOfText, token }) => assert.equal(token(endOfText), "<|endoftext|>"),
  );
});

Deno.test("flags in tokenizer_config.json come before those in tokenizer.json", () => {
  const id = json.added_tokens[0].id + 1;
  const added = { ...extra, id, normalized: false, special: false };
  const config = { ...gpt2, added_tokens_decoder: { [id]: { ...added, rstrip: true } } };
  const files = {
    "tokenizer.json": { ...json, added_tokens: [...json.added_tokens, added] },
    "tokenizer_config.json": config,
  };
  return withFiles(files, (spellings) => assert.deepEqual(spellings("<x> ").at(-1), "<x>"));
});

Deno.test("a folder without a tokenizer is refused in one sentence", () =>
  withTemporaryFolder(async (folder) => {
    for (const dir of [folder, join(folder, "missing")]) {
      await assert.rejects(loadTokenizer(dir), {
        name: "Error",
        message:
          `There is no tokenizer in ${dir}: it holds no tokenizer.json; name a model folder that has one.`,
      });
    }
  }));

Deno.test("a broken tokenizer.json is refused by name", () =>
  withTokenizer(async (folder) => {
    const path = join(folder, "tokenizer.json");
    const added = { ...json.added_tokens[0], id: 2 ** 31 };
    const contents = [
      JSON.stringify(json).slice(0, -5),
      "",
      "[]",
      "null",
      "{}",
      JSON.stringify({ ...json, model: {} }),
      JSON.stringify({ ...json, added_tokens: 3 }),
      JSON.stringify({ ...json, added_tokens: [added] }),
      JSON.stringify({ ...json, model: { ...json.model, vocab: { a: -1 } } }),
      JSON.stringify({ ...json, model: { ...json.model, vocab: { a: "0" } } }),
      JSON.stringify({ ...json, model: { ...json.model, merges: 1 } }),
      new Uint8Array([0x7b, 0xff, 0x7d]),
    ];
    for (const content of contents) {
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
      await assert.rejects(loadTokenizer(folder), (error: Error) => {
        assert.ok(error instanceof SyntaxError, `${error}`);
        assert.ok(error.message.startsWith(path), error.message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    }
  }));

Deno.test("a tokenizer without an end-of-text token is refused", () =>
  withTemporaryFolder(async (folder) => {
    const { "<|endoftext|>": _, ...vocab } = json.model.vocab;
    const path = join(folder, "tokenizer.json");
    const bare = { ...json, added_tokens: [], model: { ...json.model, vocab } };
    await Deno.writeTextFile(path, JSON.stringify(bare));
    await assert.rejects(loadTokenizer(folder), { message: /no end-of-text token/ });
  }));
