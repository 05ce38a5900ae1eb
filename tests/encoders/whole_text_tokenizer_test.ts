import assert from "node:assert/strict";
import { join } from "node:path";
import { loadWholeTextTokenizer } from "../../lib/encoders/whole_text_tokenizer.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { encoderModels, writeEncoderFiles } from "./encoder_cases.ts";

for (const model of encoderModels) {
  Deno.test(`${model.name}: texts have the ids of transformers' tokenizer, cut off where it cuts`, async () => {
    await withTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(model.config));
      await writeEncoderFiles(folder, model);
      const { encode, longest } = await loadWholeTextTokenizer(folder);
      for (const { text, ids } of model.cases) {
        const whole = encode(text, Math.min(longest!, model.longest));
        assert.deepEqual(whole.ids, ids, JSON.stringify(text));
        assert.equal(whole.isCut, encode(text, Infinity).ids.length > ids.length);
      }
    });
  });
}

const vocabulary =
  "[PAD] [UNK] [CLS] [SEP] [MASK] caf ##e ##\u00e9 \u4e2d ##\u6587 \u6587 the film X".split(" ");

/** The tokens of a text by a folder of `vocab.txt` with these settings. */
async function tokensOf(settings: Record<string, unknown>, text: string, longest = Infinity) {
  let tokens: string[] = [];
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "vocab.txt"), vocabulary.join("\r\n"));
    const config = { tokenizer_class: "BertTokenizerFast", ...settings };
    await Deno.writeTextFile(join(folder, "tokenizer_config.json"), JSON.stringify(config));
    const { encode } = await loadWholeTextTokenizer(folder);
    tokens = encode(text, longest).ids.map((id) => vocabulary[id]);
  });
  return tokens.slice(1, -1).join(" ");
}

Deno.test("vocab.txt is enough, and tokenizer_config.json says what BERT does with letters", async () => {
  assert.equal(await tokensOf({}, "Caf\u00e9 \u4e2d\u6587 X"), "caf ##e \u4e2d \u6587 [UNK]");
  assert.equal(await tokensOf({ strip_accents: false }, "Caf\u00e9"), "caf ##\u00e9");
  assert.equal(await tokensOf({ do_lower_case: false }, "Caf\u00e9 X"), "[UNK] X");
  assert.equal(
    await tokensOf({ tokenize_chinese_chars: false }, "\u4e2d\u6587"),
    "\u4e2d ##\u6587",
  );
  assert.equal(await tokensOf({ unk_token: "[MASK]" }, "what"), "[MASK]");
});

Deno.test("vocab.json and merges.txt are enough for RoBERTa, and for GPT-2", async () => {
  const roberta = encoderModels.find(({ name }) => name === "roberta")!;
  const { model: { vocab, merges } } = roberta.files["tokenizer.json"] as {
    model: { vocab: Record<string, number>; merges: [string, string][] };
  };
  await withTemporaryFolder(async (folder) => {
    const write = (name: string, content: unknown) =>
      Deno.writeTextFile(
        join(folder, name),
        typeof content === "string" ? content : JSON.stringify(content),
      );
    const pairs = merges.map((pair) => pair.join(" "));
    await write("vocab.json", vocab);
    await write("merges.txt", ["#version: 0.2", ...pairs, ""].join("\n"));
    await write("config.json", { model_type: "roberta" });
    const older = await loadWholeTextTokenizer(folder);
    for (const { text, ids } of roberta.cases) {
      assert.deepEqual(older.encode(text, roberta.longest).ids, ids, JSON.stringify(text));
    }
    await write("config.json", { model_type: "gpt2" });
    await write("vocab.json", { ...vocab, "<|endoftext|>": 270 });
    const { encode } = await loadWholeTextTokenizer(folder);
    // by AutoTokenizer of transformers
    assert.deepEqual(encode("the good<|endoftext|> x", Infinity).ids, [261, 266, 270, 224, 91]);
  });
});

Deno.test("a text that is too long is cut off at its end, or at its start if the folder says so", async () => {
  assert.equal(await tokensOf({}, "the film film", 4), "the film");
  assert.equal(await tokensOf({ truncation_side: "left" }, "the film film", 4), "film film");
  assert.equal(await tokensOf({}, "the film", 1), "");
});

Deno.test("a folder without a vocabulary, or with a wrong one, is refused in one sentence", async () => {
  await withTemporaryFolder(async (folder) => {
    const refused = async (message: RegExp) =>
      await assert.rejects(loadWholeTextTokenizer(folder), message);
    await refused(
      /^Error: There is no tokenizer in .*: it holds no tokenizer\.json; /,
    );
    const path = join(folder, "vocab.txt");
    await Deno.writeTextFile(path, "[UNK]\n[CLS]\n[SEP]\n");
    await refused(/^Error: There is no tokenizer in /);
    await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify({ model_type: "bert" }));
    await Deno.writeTextFile(path, "[CLS]\n[SEP]\n");
    await refused(/the unk_token "\[UNK\]" is not in vocab\); save it again/);
    await Deno.writeFile(path, Uint8Array.of(0xff, 0xfe));
    await refused(
      /^SyntaxError: .*vocab\.txt is not UTF-8 \(.*\); fetch or save the model folder again\.$/,
    );
  });
});

Deno.test("a BERT whose vocabulary lacks is refused, and the file named", async () => {
  await withTemporaryFolder(async (folder) => {
    const config = { tokenizer_class: "BertTokenizer", cls_token: "[CLS]", sep_token: "[SEP]" };
    await Deno.writeTextFile(join(folder, "tokenizer_config.json"), JSON.stringify(config));
    const json = { version: "1.0", added_tokens: [], model: { type: "WordPiece" } };
    await Deno.writeTextFile(join(folder, "tokenizer.json"), JSON.stringify(json));
    await assert.rejects(loadWholeTextTokenizer(folder), {
      name: "SyntaxError",
      message:
        /tokenizer\.json does not describe a tokenizer that is known here \(the model has no vocab\)/,
    });
  });
});
