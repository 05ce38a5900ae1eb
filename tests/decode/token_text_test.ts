import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadTokenizer, type Tokenizer } from "../../lib/data/tokenizer.ts";
import { tokenText } from "../../lib/decode/token_text.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { llamaForm } from "./llama_form.ts";

const byteLevel = (folder: string) =>
  writeTokenizer(
    folder,
    trainByteLevelBpe([" the the the the 日本"], { vocabSize: 262, minFrequency: 1 }),
  );

/** A tokenizer in Llama's form, which marks blanks and drops the one before a text. */
async function sentencePiece(folder: string): Promise<void> {
  const tokens = ["</s>", "<unk>", "a", "▁", "t", "h", "e", "▁t", "he", "▁the", "<0xE6>"];
  const json = {
    version: "1.0",
    added_tokens: [{ id: 0, content: "</s>", special: true }],
    ...llamaForm,
    pre_tokenizer: null,
    post_processor: null,
    model: {
      type: "BPE",
      unk_token: "<unk>",
      byte_fallback: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: ["▁ t", "h e", "▁t he"],
    },
  };
  await Deno.writeTextFile(join(folder, "tokenizer.json"), JSON.stringify(json));
  const config = JSON.stringify({ tokenizer_class: "LlamaTokenizer", eos_token: "</s>" });
  await Deno.writeTextFile(join(folder, "tokenizer_config.json"), config);
}

/** Checks what the tokens of some spellings add to a text. */
async function checkTexts(
  write: (folder: string) => Promise<void>,
  expected: Readonly<Record<string, string>>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await write(folder);
    const tokenizer = await loadTokenizer(folder);
    for (const [spelling, text] of Object.entries(expected)) {
      assert.equal(tokenText(tokenizer, idOf(tokenizer, spelling)), text, spelling);
    }
  });
}

function idOf(tokenizer: Tokenizer, spelling: string): number {
  for (let id = 0;; id++) if (tokenizer.token(id) === spelling) return id;
}

Deno.test("a token's text has its blank; parts of characters are U+FFFD, special tokens have a name", async () => {
  await checkTexts(byteLevel, {
    "Ġthe": " the",
    e: "e",
    "Ġ": " ",
    "æ": "\ufffd",
    "<|endoftext|>": "<|endoftext|>",
  });
  await checkTexts(sentencePiece, {
    "▁the": " the",
    he: "he",
    "▁": " ",
    "<0xE6>": "\ufffd",
    "</s>": "</s>",
  });
});

Deno.test("a token that only the model has is named by its id", async () => {
  await withTemporaryFolder(async (folder) => {
    await byteLevel(folder);
    const tokenizer = await loadTokenizer(folder);
    assert.equal(tokenText(tokenizer, 50_300), "<50300>");
  });
});
