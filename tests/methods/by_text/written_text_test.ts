import assert from "node:assert/strict";
import { join } from "node:path";
import { loadTokenizer, type Tokenizer } from "../../../lib/data/tokenizer.ts";
import { TokenBytes, WrittenText } from "../../../lib/methods/by_text/written_text.ts";
import { goldenBackbones } from "../../shared_data.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { loadTrained } from "./two_tokenizers.ts";

/** The text after each token. */
function written(tokenizer: Tokenizer, ids: readonly number[]): string[] {
  let text = WrittenText.begin(new TokenBytes(tokenizer));
  let whole = "";
  return ids.map((id) => {
    const { added, text: next } = text.with(id);
    text = next;
    return whole += added;
  });
}

Deno.test("a character of several tokens is there with the last of them, and special tokens write nothing", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base } = await loadTrained(folder);
    const ids = base.encode("é🙂x");
    assert.equal(ids.length, 1 + 2 + 4);
    const end = base.endOfText;
    const texts = ["", "é", "é", "é", "é", "é🙂", "é🙂", "é🙂x"];
    assert.deepEqual(written(base, [...ids.slice(0, 6), end, ids[6]]), texts);
    const [first, , ...others] = ids;
    // bytes that nothing completes any more
    assert.deepEqual(written(base, [first, ...others.slice(4)]), ["", "\ufffdx"]);
    assert.deepEqual(written(base, [end, base.vocabSize + 5]), ["", ""]);
  });
});

interface Cases {
  readonly cases: readonly { text: string; ids_without_special: number[] }[];
}

const tokenizers = ["byte-level", "byte-fallback", "byte-fallback-prepended"];

for (const name of goldenBackbones ? tokenizers : []) {
  Deno.test(`the golden ${name}: what tokens write is what they are decoded to, incomplete characters left out`, async () => {
    const folder = join(goldenBackbones!, "tokenizers", name);
    const tokenizer = await loadTokenizer(folder);
    const { cases }: Cases = JSON.parse(await Deno.readTextFile(join(folder, "cases.json")));
    let compared = 0;
    for (const { ids_without_special: ids } of cases.filter(({ text }) => text.length < 1000)) {
      const texts = written(tokenizer, ids);
      // where bytes are not whole characters, tokenizers that fall back to bytes take back characters before them
      texts.forEach((text, i) => {
        const decoded = tokenizer.decode(ids.slice(0, i + 1));
        if (decoded.includes("\ufffd")) return;
        assert.equal(text, decoded);
        compared++;
      });
    }
    assert.ok(compared > 100);
  });
}

if (!goldenBackbones) {
  Deno.test.ignore("what golden tokens write (no ../shared/golden-backbones here)", () => {});
}
