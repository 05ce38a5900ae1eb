import assert from "node:assert/strict";
import { join } from "node:path";
import { cachedScorer } from "../../lib/eval/cached_scorer.ts";
import { ScoreCache } from "../../lib/eval/score_cache.ts";
import { scoreInBatches, type Scorer } from "../../lib/eval/scorers/scorer.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Scores texts by their length, and remembers what it was asked. */
function lengthScorer(asked: string[][], batchRows = 2): Scorer {
  return {
    name: "length",
    version: "1",
    labels: ["short", "long"],
    reads: "whole",
    score: (texts, options = {}) =>
      scoreInBatches(texts, 2, batchRows, (batch) => {
        asked.push([...batch]);
        return batch.flatMap((text) =>
          text === "" ? [NaN, NaN] : [1 / text.length, 1 - 1 / text.length]
        );
      }, options),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function withCache(test: (cache: ScoreCache) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    using cache = ScoreCache.open(join(folder, "scores.sqlite"));
    await test(cache);
  });
}

Deno.test("each text is scored once, however often it comes, and texts without a score too", async () => {
  await withCache(async (cache) => {
    const asked: string[][] = [];
    const scorer = cachedScorer(lengthScorer(asked), cache);
    const told: number[] = [];
    const texts = ["ab", "", "ab", "abcd", ""];
    const wanted = [0.5, 0.5, NaN, NaN, 0.5, 0.5, 0.25, 0.75, NaN, NaN];
    const onScored = (scored: readonly { index: number }[]) =>
      told.push(...scored.map(({ index }) => index));
    assert.deepEqual([...await scorer.score(texts, { onScored })], wanted);
    assert.deepEqual(asked, [["", "ab"], ["abcd"]]);
    assert.deepEqual(told.sort(), [0, 1, 2, 3, 4]);
    assert.deepEqual([...await scorer.score([...texts, "abcde"])], [...wanted, 0.2, 0.8]);
    assert.deepEqual(asked[2], ["abcde"]);
  });
});

Deno.test("what was scored before the scorer failed or was stopped is kept", async () => {
  await withCache(async (cache) => {
    const asked: string[][] = [];
    const controller = new AbortController();
    const scorer = cachedScorer(lengthScorer(asked), cache);
    const texts = ["a", "bb", "ccc", "dddd", "eeeee"];
    await assert.rejects(
      scorer.score(texts, {
        signal: controller.signal,
        onScored: () => controller.abort(new Error("enough")),
      }),
      /enough/,
    );
    assert.deepEqual(asked, [["a", "bb"]]);
    assert.equal((await scorer.score(texts))[2 * 4], 0.2);
    assert.deepEqual(asked, [["a", "bb"], ["ccc", "dddd"], ["eeeee"]]);
  });
});

Deno.test("a replay gives what is kept and asks for nothing", async () => {
  await withCache(async (cache) => {
    const asked: string[][] = [];
    await cachedScorer(lengthScorer(asked), cache).score(["a", "bb"]);
    const replay = cachedScorer(lengthScorer(asked), cache, { replay: true });
    assert.deepEqual([...await replay.score(["bb", "a"])], [0.5, 0.5, 1, 0]);
    await assert.rejects(replay.score(["a", "ccc"]), {
      message:
        `Cannot replay the scores of 'length': 1 of 2 texts were never scored, such as "ccc", so score them first`,
    });
    assert.equal(asked.length, 1);
  });
});
