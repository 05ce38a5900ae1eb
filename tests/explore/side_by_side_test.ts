import assert from "node:assert/strict";
import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import type { TokenizedPrompt } from "../../lib/decode/text_prompts.ts";
import type { ExplorerEvent } from "../../lib/explore/explorer_event.ts";
import { sideBySide } from "../../lib/explore/side_by_side.ts";
import type { Way } from "../../lib/explore/ways.ts";
import { systemNames, withAllSystems } from "../decode/all_systems.ts";
import { cpu } from "../run_graph.ts";
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

/** Steers towards the label of the tiny models. */
const towards = (beta: number, model = "arm", label = "kind"): Way => ({
  model,
  label,
  inverse: false,
  beta,
});

/** A prompt of these tokens, read as it is. */
const tokenized = (ids: readonly number[]): TokenizedPrompt => ({
  text: "ab",
  ids,
  read: { base: ids, rated: ids },
});

/** Both texts after a prompt of two tokens, without guidance. */
async function written(changes: { maxNewTokens: number; seed: number }): Promise<ExplorerEvent[]> {
  const events: ExplorerEvent[] = [];
  await withTinyModels(async ({ bases: { lm: base }, guides: { arm: model } }) => {
    const explored = {
      base,
      tokenizer: triples,
      baseName: "base",
      guides: [{ name: "arm", model, steering: [{ label: "kind" }] }],
    };
    const request = {
      ...{ page: "p", prompt: "ab", ways: [towards(0)], topK: 61, temperature: 2, samples: 1 },
      ...changes,
    };
    const { signal } = new AbortController();
    for await (const event of sideBySide(explored, request, tokenized([0, 1, 2]), signal)) {
      events.push(event);
    }
  });
  return events;
}

/** The first seed whose text is of `least` tokens or more, or ends before that. */
async function writtenUntil(
  isRight: (events: readonly ExplorerEvent[]) => boolean,
  maxNewTokens: number,
): Promise<ExplorerEvent[]> {
  for (let seed = 0; seed < 40; seed++) {
    const events = await written({ maxNewTokens, seed });
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
      ways: [towards(5)],
      topK: 9,
      temperature: 1,
      seed: 0,
      maxNewTokens: 9,
      samples: 1,
    };
    const { signal } = new AbortController();
    let seen = 0;
    for await (const _ of sideBySide(explored, request, tokenized([0]), signal)) {
      if (++seen === 3) break;
    }
    // what a session that is still in use would refuse
    const events: ExplorerEvent[] = [];
    for await (const event of sideBySide(explored, request, tokenized([0]), signal)) {
      events.push(event);
    }
    assert.equal(events.filter(({ kind }) => kind === "end").length, 2);
  });
});

Deno.test("a reward model of any kind steers, and rates both texts, alone or with others", async () => {
  await withAllSystems(cpu, async ({ bases: { lm: base }, guides: models }) => {
    const guides = systemNames.map((name) => ({ name, model: models[name], steering: [] }));
    const explored = { base, tokenizer: triples, baseName: "base", guides };
    const common = { page: "p", prompt: "ab", topK: 9, temperature: 1, seed: 0, maxNewTokens: 6 };
    const { signal } = new AbortController();
    for (const names of [...systemNames.map((name) => [name]), ["rad", "arm"], ["arm", "gedi"]]) {
      const ways = names.map((name) => towards(3, name, models[name as "arm"].labels[0]));
      const request = { ...common, ways, samples: 2 };
      const events: ExplorerEvent[] = [];
      for await (const event of sideBySide(explored, request, tokenized([0, 1]), signal)) {
        events.push(event);
      }
      for (const side of ["steered", "unsteered"] as const) {
        const all = [0, 1].flatMap((sample) => piecesOf(events, side, sample))
          .flatMap(({ tokens }) => tokens).flatMap(({ candidates }) => candidates);
        assert.ok(all.every(({ reward }) => reward! >= 0 && reward! <= 1), names.join());
        const isAdded = all.some(({ added }) => Math.abs(added) > 1e-3);
        assert.equal(isAdded, side === "steered", names.join());
      }
    }
  });
});
