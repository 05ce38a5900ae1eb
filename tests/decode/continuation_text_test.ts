import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { loadTokenizer, type Tokenizer } from "../../lib/data/tokenizer.ts";
import { continuationText } from "../../lib/decode/continuation_text.ts";
import { TextWriter } from "../../lib/decode/text_writer.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { llamaForm } from "./llama_form.ts";

const vocab = ["<unk>", "</s>", "▁", "▁the", "▁film", "▁was", "s", "t", "h", "e", "f", "i", "l"];
const bytes = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
);
const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
const end = { id: 1, content: "</s>", special: true, normalized: false };

/** Tokenizers as SentencePiece's, which leave out the blank before all that they decode. */
const kinds: Record<string, Record<string, unknown>> = {
  Metaspace: {
    pre_tokenizer: metaspace,
    decoder: metaspace,
    model: { type: "Unigram", unk_id: 0, vocab: vocab.map((token, i) => [token, -i]) },
  },
  "byte fallback": {
    ...llamaForm,
    model: {
      type: "Unigram",
      unk_id: 0,
      byte_fallback: true,
      vocab: [...vocab, ...bytes].map((token, i) => [token, -i]),
    },
  },
};

function withTokenizer(kind: string, test: (tokenizer: Tokenizer) => void): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    const json = { added_tokens: [end], ...kinds[kind] };
    await Deno.writeTextFile(join(folder, "tokenizer.json"), JSON.stringify(json));
    const config = { eos_token: "</s>" };
    await Deno.writeTextFile(join(folder, "tokenizer_config.json"), JSON.stringify(config));
    test(await loadTokenizer(folder));
  });
}

for (const kind of Object.keys(kinds)) {
  Deno.test(`${kind}: the blank between a prompt and what follows it is kept`, () =>
    withTokenizer(kind, (tokenizer) => {
      const prompt = tokenizer.encode("the film");
      const [was] = tokenizer.encode("was");
      assert.equal(tokenizer.decode([was]), "was");
      assert.equal(continuationText(tokenizer, prompt, [was]), " was");
      assert.equal(continuationText(tokenizer, [], [was]), "was");
      assert.equal(continuationText(tokenizer, prompt, []), "");
      // ids that no token has, as where a model's vocabulary is rounded up, and special ones
      assert.equal(continuationText(tokenizer, prompt, [5000, was, 1, 5001]), " was");
    }));

  Deno.test(`${kind}: the pieces of a text are together what its tokens add to the prompt`, () =>
    withTokenizer(kind, (tokenizer) => {
      const ids = fc.array(fc.nat(tokenizer.vocabSize + 2), { maxLength: 12 });
      fc.assert(
        fc.property(ids, ids, (prompt, ids) => {
          const writer = new TextWriter(tokenizer, prompt);
          const pieces = ids.map((id) => writer.add(id));
          assert.equal(
            pieces.join("") + writer.rest(),
            continuationText(tokenizer, prompt, ids),
          );
        }),
        { numRuns: 300 },
      );
    }));
}
