import assert from "node:assert/strict";
import { sampleWorldCorpus } from "../../../lib/data/world/sample_world_corpus.ts";
import { createWorld } from "../../../lib/data/world/world.ts";
import { openScorer } from "../../../lib/eval/scorers/mod.ts";

Deno.test("the world's scores are its exact posteriors of the whole text", async () => {
  const world = createWorld();
  const { texts } = sampleWorldCorpus({ seed: 1, texts: 50, world });
  const cut = texts.map((text) => text.split(" ").slice(0, 4).join(" "));
  await using scorer = await openScorer("world");
  assert.deepEqual([scorer.name, scorer.labels, scorer.reads], [
    "world",
    ["positive", "rude"],
    "whole",
  ]);
  const scores = await scorer.score([...texts, ...cut]);
  texts.forEach((text, i) => {
    const [prompt, ...rest] = text.split(" ");
    const whole = world.score(rest.join(" "), { prompt });
    assert.deepEqual([...scores.slice(2 * i, 2 * i + 2)], [whole.positive, whole.rude]);
    const begun = world.score(cut[i], { finished: cut[i].endsWith(" .") });
    const j = 2 * (texts.length + i);
    assert.deepEqual([...scores.slice(j, j + 2)], [begun.positive, begun.rude]);
  });
});

Deno.test("a scorer that does not exist is refused with all there are", async () => {
  await assert.rejects(openScorer("no such/scorer/here"), {
    message:
      /^There is no scorer 'no such\/scorer\/here': name world \(.*\), perspective \(.*\), a folder \(.*\)/,
  });
});
