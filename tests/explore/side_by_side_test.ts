import assert from "node:assert/strict";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import type { ExplorerEvent } from "../../lib/explore/explorer_event.ts";
import { sideBySide } from "../../lib/explore/side_by_side.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { tinyBackbone } from "../tiny_models.ts";
import { piecesOf, textOf } from "./tiny_explorer.ts";

const { vocabulary, endOfText } = tinyBackbone;

/** Three tokens are a character: fewer of them decode to a replacement character. */
const triples: Tokenizer = {
  vocabSize: vocabulary,
  endOfText,
  encode: (text) => Array.from(text, (_, i) => i),
  decode: (ids) => "あ".repeat(Math.floor(ids.length / 3)) + (ids.length % 3 === 0 ? "" : "\ufffd"),
  token: (id) => id === endOfText ? "<end>" : `<${id}>`,
};

/** Both texts after a prompt of two tokens, without guidance. */
async function written(changes: { tokens: number; seed: number }): Promise<ExplorerEvent[]> {
  const events: ExplorerEvent[] = [];
  await withTinyModels(async ({ bases: { lm: base }, guides: { arm: model } }) => {
    const explored = {
      base,
      tokenizer: triples,
      baseName: "base",
      guides: [{ name: "arm", model, steering: [{ label: "kind" }] }],
    };
    const request = { page: "p", prompt: "ab", betas: [0], k: 61, temperature: 2, ...changes };
    const { signal } = new AbortController();
    for await (const event of sideBySide(explored, request, [0, 1], signal)) events.push(event);
  });
  return events;
}

/** The first seed whose text is of `least` tokens or more, or ends before that. */
async function writtenUntil(
  isRight: (events: readonly ExplorerEvent[]) => boolean,
  tokens: number,
): Promise<ExplorerEvent[]> {
  for (let seed = 0; seed < 40; seed++) {
    const events = await written({ tokens, seed });
    if (isRight(events)) return events;
  }
  throw new Error("no seed gives such a text");
}

const ended = (events: readonly ExplorerEvent[]) => piecesOf(events, "steered").at(-1)!.isEnd;

Deno.test("tokens that are one character are one piece, and what is left of one comes at the end", async () => {
  const events = await writtenUntil((events) => !ended(events), 8);
  const pieces = piecesOf(events, "steered");
  assert.deepEqual(pieces.map(({ text, tokens }) => [text, tokens.length]), [
    ["あ", 3],
    ["あ", 3],
    ["\ufffd", 2],
  ]);
  assert.equal(textOf(events, "unsteered"), "ああ\ufffd");
});

Deno.test("the token that ends a text is a piece of its own, after what is left", async () => {
  const isRight = (events: readonly ExplorerEvent[]) =>
    ended(events) && textOf(events, "steered").endsWith("\ufffd");
  const events = await writtenUntil(isRight, 12);
  const [rest, end] = piecesOf(events, "steered").slice(-2);
  assert.equal(rest.text, "\ufffd");
  assert.ok(!rest.isEnd);
  assert.deepEqual([end.text, end.tokens.length], ["", 1]);
  const [{ candidates, taken }] = end.tokens;
  assert.equal(candidates[taken].text, "<end>");
});

Deno.test("leaving the loop ends both texts", async () => {
  await withTinyModels(async ({ bases: { lm: base }, guides: { arm: model } }) => {
    const guides = [{ name: "arm", model, steering: [{ label: "kind" }] }];
    const explored = { base, tokenizer: triples, baseName: "base", guides };
    const request = {
      page: "p",
      prompt: "a",
      betas: [5],
      k: 9,
      temperature: 1,
      seed: 0,
      tokens: 9,
    };
    const { signal } = new AbortController();
    let seen = 0;
    for await (const _ of sideBySide(explored, request, [0], signal)) if (++seen === 3) break;
    // what a session that is still in use would refuse
    const events: ExplorerEvent[] = [];
    for await (const event of sideBySide(explored, request, [0], signal)) events.push(event);
    assert.equal(events.filter(({ kind }) => kind === "end").length, 2);
  });
});
