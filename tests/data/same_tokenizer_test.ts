import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { requireSameTokenizer } from "../../lib/data/same_tokenizer.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
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

Deno.test("folders may share a tokenizer", async () => {
  await withTokenizers(["abab", "abab", "abab"], async ([a, ...others]) => {
    await assert.doesNotReject(requireSameTokenizer(await loadTokenizer(a), a, others));
  });
});

Deno.test("the first token that differs is named", async () => {
  await withTokenizers(["abab", "abab", "cdcd"], async ([a, b, c]) => {
    const tokenizer = await loadTokenizer(a);
    await assert.rejects(requireSameTokenizer(tokenizer, a, [b, c]), ({ message }: Error) => {
      assert.ok(message.startsWith(`'${a}' and '${c}' have different tokenizers (token `), message);
      assert.match(message, /\(token \d+ is "ab" in the one and "cd" in the other\)/);
      return true;
    });
  });
});
