import assert from "node:assert/strict";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadTokenizer, type Tokenizer } from "../../lib/data/tokenizer.ts";
import { TokenNames } from "../../lib/bases/token_names.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("every token that is text has a name of its own; parts of characters do not", async () => {
  await withTemporaryFolder(async (folder) => {
    const text = "the naïve café, the cafés — the naïve";
    await writeTokenizer(folder, trainByteLevelBpe([text], { vocabSize: 290 }));
    const tokenizer = await loadTokenizer(folder);
    const names = new TokenNames(tokenizer);
    for (const id of tokenizer.encode("the cafe, the")) {
      assert.equal(names.idOf(tokenizer.decode([id])), id);
    }
    assert.equal(names.idOf("<|endoftext|>"), tokenizer.endOfText);
    assert.equal(names.idOf("\ufffd"), "ambiguous");
    const [first, second] = tokenizer.encode("ü");
    assert.equal(names.idOfBytes([0xc3]), first);
    assert.equal(names.idOfBytes([0xbc]), second);
    assert.equal(names.idOfBytes([0xc3, 0xbc]), undefined);
    assert.equal(names.idOfBytes([...new TextEncoder().encode("the")]), tokenizer.encode("the")[0]);
    assert.equal(names.idOf("no such token"), undefined);
    for (let id = 0; id < tokenizer.vocabSize; id++) {
      const found = names.idOf(tokenizer.decode([id]) || tokenizer.token(id));
      assert.ok(found === id || found === "ambiguous");
    }
  });
});

Deno.test("a word and the same word after a blank are told apart only by names that show the blank", () => {
  const spellings = ["▁the", "the", "▁a", "</s>"];
  const sentencePiece: Tokenizer = {
    vocabSize: 5,
    endOfText: 3,
    encode: () => [],
    decode: ([id]) => id === 3 ? "" : spellings[id].replace("▁", ""),
    token(id) {
      // ids may have gaps
      if (id > 3) throw new RangeError("not in the vocabulary");
      return spellings[id];
    },
  };
  const names = new TokenNames(sentencePiece);
  const ids = [" the", "the", " a", "a", "</s>"].map((name) => names.idOf(name));
  assert.deepEqual(ids, [0, "ambiguous", 2, 2, 3]);
});
