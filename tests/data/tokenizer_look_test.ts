import assert from "node:assert/strict";
import { shownTokenizer } from "../../lib/data/tokenizer_look.ts";
import { lookOf } from "../../lib/notebook/display.ts";

Deno.test("a tokenizer shows what it knows, and the tokens of a sentence", async () => {
  const tokens = ["<|endoftext|>", "<b>", "The"];
  const tokenizer = {
    vocabSize: 1024,
    endOfText: 0,
    begin: [0],
    encode: () => [2, 1],
    decode: () => "",
    token: (id: number) => tokens[id],
  };
  const look = (await lookOf(shownTokenizer(tokenizer, "models/base")))!;
  assert.equal(
    look["text/plain"],
    [
      "Tokenizer",
      "",
      "from                               models/base",
      "vocabulary                         1,024",
      "end of text                        <|endoftext|> (0)",
      "texts begin with                   <|endoftext|> (0)",
      "“The film was surprisingly good.”  2 tokens",
      "",
      "id  token",
      " 2  The",
      " 1  <b>",
    ].join("\n"),
  );
  assert.ok((look["text/html"] as string).includes("&lt;b&gt;"));
});
