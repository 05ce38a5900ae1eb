import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadSameTokenizer } from "../../lib/data/same_tokenizer.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Writes tokenizers trained on these texts, one a folder. */
async function withTokenizers(
  texts: readonly string[],
  test: (folders: string[]) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const folders = texts.map((_, i) => join(parent, `${i}`));
    for (const [i, text] of texts.entries()) {
      await Deno.mkdir(folders[i]);
      await writeTokenizer(folders[i], trainByteLevelBpe([text], { vocabSize: 258 }));
    }
    await test(folders);
  });
}

Deno.test("folders that share a tokenizer give it", async () => {
  await withTokenizers(["abab", "abab", "abab"], async ([a, ...others]) => {
    const tokenizer = await loadSameTokenizer([a, ...others]);
    assert.deepEqual(tokenizer.encode("ab").map(tokenizer.token), ["ab"]);
  });
});

Deno.test("the first token that differs is named", async () => {
  await withTokenizers(["abab", "abab", "cdcd"], async ([a, b, c]) => {
    await assert.rejects(loadSameTokenizer([a, b, c]), ({ message }: Error) => {
      assert.ok(message.startsWith(`'${a}' and '${c}' have different tokenizers (token `), message);
      assert.match(message, /\(token \d+ is "ab" in the one and "cd" in the other\)/);
      return true;
    });
  });
});
