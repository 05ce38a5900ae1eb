import fc from "fast-check";
import assert from "node:assert/strict";
import { methodOf } from "../../lib/methods/mod.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import type { RewardModel, RewardReading } from "../../lib/methods/reward_model.ts";
import { integers } from "../../lib/runtime/value.ts";
import type { BaseName } from "../open_tiny_models.ts";
import { cpu, floatsOf, largestDifference } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, type TinyModel, tinySpecs, writeTinyModel } from "../tiny_models.ts";
import { WholeTextModel } from "../whole_text_model.ts";

const token = fc.nat(tinyBackbone.vocabulary - 1);
const rows = fc.array(fc.nat(), { minLength: 1, maxLength: 4 });

/** A reward model, and what it should give of whole texts. */
export interface RatedTexts {
  readonly model: RewardModel;
  /** The scores of each prompt's candidates, `[prompt][candidate][label]`. */
  rewards(
    prompts: readonly (readonly number[])[],
    candidates: readonly (readonly number[])[],
  ): Promise<number[][][]>;
}

export interface ReadingOptions {
  /** Backbone calls that rating `k` candidates of a row may take. */
  calls: (k: number) => number;
  /** Whether the model can rate all tokens at once. Default false. */
  rateAll?: boolean;
  /** Tokens of the shortest prompt. Default 0. */
  shortest?: number;
}

/** Rows that are selected before and after a candidate of each is accepted; places and rows beyond the last begin anew. */
export interface Move {
  readonly rowsBefore: readonly number[];
  readonly places: readonly number[];
  readonly rowsAfter: readonly number[];
}

/** Moves a reading on. @param asked the candidates of each text, equally many. @returns the texts that it then has read. */
export async function moveOn(
  reading: RewardReading,
  texts: readonly (readonly number[])[],
  asked: readonly (readonly number[])[],
  { rowsBefore, places, rowsAfter }: Move,
): Promise<number[][]> {
  const before = rowsBefore.map((row) => row % texts.length);
  await reading.select(before);
  const taken = before.map((row, i) => places[i] % asked[row].length);
  const tokens = before.map((row, i) => asked[row][taken[i]]);
  await reading.accept(tokens, taken);
  const after = rowsAfter.map((row) => row % before.length);
  await reading.select(after);
  return after.map((row) => [...texts[before[row]], tokens[row]]);
}

/**
 * Follows random texts with a reward model: rates candidates or all tokens, selects rows (also between rating and
 * accepting), accepts one candidate a row, and so on. Each rating has to be that of the whole texts.
 */
export async function checkReadingsOf(
  { model, rewards }: RatedTexts,
  { calls, rateAll = false, shortest = 0 }: ReadingOptions,
): Promise<void> {
  const everyToken = Array.from({ length: model.vocabulary }, (_, id) => id);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(token, { minLength: shortest, maxLength: 6 }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(rateAll ? "all" as const : 2)),
      fc.array(
        fc.record({
          candidates: fc.array(token, { minLength: 20, maxLength: 20 }),
          rowsBefore: rows,
          places: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
          rowsAfter: rows,
        }),
        { minLength: 1, maxLength: 4 },
      ),
      async (prompts, some, moves) => {
        using reading = await model.start(prompts);
        const k = some === "all" ? model.vocabulary : some;
        let texts: readonly (readonly number[])[] = prompts;
        let expectedCalls = 0;
        for (const { candidates, ...move } of moves) {
          const asked = texts.map((_, row) =>
            some === "all" ? everyToken : candidates.slice(row * k, (row + 1) * k)
          );
          const named = some === "all" ? undefined : integers([texts.length, k], asked.flat());
          const rated = await reading.rate(named);
          expectedCalls += texts.length * calls(k);
          assert.deepEqual(rated.dims, [texts.length, model.labels.length, k]);
          const expected = (await rewards(texts, asked)).flatMap((row) =>
            model.labels.flatMap((_, label) => row.map((labels) => labels[label]))
          );
          const largest = Math.max(1, ...expected.map(Math.abs));
          assert.ok(largestDifference(floatsOf(rated), expected) <= 2e-5 * largest);

          texts = await moveOn(reading, texts, asked, move);
        }
        assert.equal(reading.backboneCalls, expectedCalls);
      },
    ),
    { numRuns: 20, seed: 1 },
  );
}

/** Checks the readings of a tiny model, as its folder opens: a step costs what the page of its method says. */
export async function checkReadings(
  name: Exclude<TinyModel, BaseName>,
  options: Omit<ReadingOptions, "calls"> = {},
): Promise<void> {
  const { backboneCalls: calls = () => 1 } = methodOf(tinySpecs[name].kind)!;
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, name);
    await using whole = await WholeTextModel.open(path);
    await using model = await openRewardModel(path, cpu);
    await checkReadingsOf({
      model,
      rewards: (prompts, candidates) => whole.rewards(prompts, candidates),
    }, { ...options, calls });
  });
}
