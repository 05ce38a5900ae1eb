import assert from "node:assert/strict";
import { join } from "node:path";
import { loadTokenizer, type Tokenizer } from "../../../lib/data/tokenizer.ts";
import { openGguf } from "../../../lib/weights/gguf/gguf_file.ts";
import { ggufTokenizer } from "../../../lib/weights/gguf/gguf_tokenizer.ts";
import { Metadata } from "../../../lib/weights/gguf/metadata.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { ggufBytes, type Metadatum } from "./gguf_bytes.ts";
import { byteLevelTokenizer } from "./small_gguf.ts";

/** The tokenizer that a file's metadata make. */
async function tokenizerOf(
  metadata: Readonly<Record<string, Metadatum>>,
  test: (tokenizer: Tokenizer, config: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.gguf");
    await Deno.writeFile(path, ggufBytes(metadata, {}));
    const { json, config } = ggufTokenizer(new Metadata(await openGguf(path)));
    const out = join(folder, "out");
    await Deno.mkdir(out);
    await Deno.writeTextFile(join(out, "tokenizer.json"), JSON.stringify(json));
    await Deno.writeTextFile(join(out, "tokenizer_config.json"), JSON.stringify(config));
    test(await loadTokenizer(out), config);
  });
}

const bytes = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);
const pieces: readonly (readonly [token: string, score: number, type: number])[] = [
  ["<unk>", 0, 2],
  ["<s>", 0, 3],
  ["</s>", 0, 3],
  ...bytes.map((byte) => [byte, 0, 6] as const),
  ["ab", -1, 1],
  ["▁a", -2, 1],
  ["▁ab", -3, 1],
  ["▁", -4, 1],
  ["a", -5, 1],
  ["b", -6, 1],
  ["\n\n", -1000, 4],
  ["<turn>", -1000, 4],
];
const id = (token: string) => pieces.findIndex(([piece]) => piece === token);
const scored = {
  "tokenizer.ggml.model": ["text", "llama"],
  "tokenizer.ggml.tokens": ["texts", pieces.map(([token]) => token)],
  "tokenizer.ggml.scores": ["f32s", pieces.map(([, score]) => score)],
  "tokenizer.ggml.token_type": ["i32s", pieces.map(([, , type]) => type)],
  "tokenizer.ggml.bos_token_id": ["u32", 1],
  "tokenizer.ggml.eos_token_id": ["u32", 2],
} as const satisfies Record<string, Metadatum>;

Deno.test("a SentencePiece tokenizer merges by score, falls back to bytes, and begins with BOS", async () => {
  await tokenizerOf(scored, (tokenizer) => {
    assert.deepEqual(tokenizer.begin, [1]);
    assert.equal(tokenizer.endOfText, 2);
    // a and b first, though ▁ and a stand before them
    assert.deepEqual(tokenizer.encode("ab ab"), [id("▁ab"), id("▁ab")]);
    assert.deepEqual(tokenizer.encode("ba"), [id("▁"), id("b"), id("a")]);
    assert.deepEqual(tokenizer.encode("é"), [id("▁"), 3 + 0xc3, 3 + 0xa9]);
    assert.equal(tokenizer.decode(tokenizer.encode("ab é<turn>ab\n\n")), "ab é<turn>ab\n\n");
    assert.deepEqual(tokenizer.encode("a\n\n<turn>").slice(1), [id("\n\n"), id("<turn>")]);
  });
  const plain = {
    ...scored,
    "tokenizer.ggml.add_space_prefix": ["bool", false],
    "tokenizer.ggml.add_bos_token": ["bool", false],
  } as const;
  await tokenizerOf(plain, (tokenizer) => {
    assert.deepEqual(tokenizer.begin ?? [], []);
    assert.deepEqual(tokenizer.encode("ab ab"), [id("ab"), id("▁ab")]);
    assert.equal(tokenizer.decode(tokenizer.encode(" ab")), " ab");
  });
});

Deno.test("a byte-level tokenizer splits words as its kind does, and has its template and end tokens", async () => {
  const metadata = byteLevelTokenizer(["<|end|>", "Ġ", "a", "1", "2", "12", "Ġa"], [
    "Ġ a",
    "1 2",
  ]);
  await tokenizerOf(metadata, (tokenizer) => {
    assert.deepEqual(tokenizer.encode(" a12"), [6, 5]);
    assert.deepEqual(tokenizer.encode("<|end|>a"), [0, 2]);
  });
  const digits = {
    ...metadata,
    "tokenizer.ggml.pre": ["text", "smollm"],
    "tokenizer.chat_template": ["text", "{{ messages }}"],
  } as const;
  await tokenizerOf(digits, (tokenizer, config) => {
    assert.deepEqual(tokenizer.encode(" a12"), [6, 3, 4]);
    assert.equal(config.chat_template, "{{ messages }}");
    assert.equal(config.eos_token, "<|end|>");
  });
});

Deno.test("a tokenizer that is not whole is refused in one sentence", async () => {
  const cases: [Record<string, Metadatum>, RegExp][] = [
    [{ ...scored, "tokenizer.ggml.scores": ["f32s", [1]] }, /scores must be a list of \d+ numbers/],
    [{ ...scored, "tokenizer.ggml.tokens": ["u32", 3] }, /tokens must be a list of texts/],
    [{ ...scored, "tokenizer.ggml.eos_token_id": ["text", "x"] }, /eos_token_id must be a token/],
    [byteLevelTokenizer(["a", "a"], []), /has a token twice/],
  ];
  for (const [metadata, message] of cases) {
    await assert.rejects(tokenizerOf(metadata, () => {}), message);
  }
});
