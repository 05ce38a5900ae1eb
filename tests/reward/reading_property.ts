import fc from "fast-check";
import assert from "node:assert/strict";
import { integers } from "../../lib/runtime/value.ts";
import { floatsOf, largestDifference } from "../run_graph.ts";
import { type GuideName, withTinyModels } from "../open_tiny_models.ts";
import { tinyConfig } from "../tiny_models.ts";

const token = fc.nat(tinyConfig.vocabulary - 1);
const rows = fc.array(fc.nat(), { minLength: 1, maxLength: 4 });

/**
 * Follows random texts with a reward model: rates candidates, selects rows (also between rating and
 * accepting), accepts one candidate a row, and so on. Each rating has to be that of the whole texts.
 *
 * @param calls backbone calls that rating `k` candidates of a row may take.
 */
export async function checkReadings(name: GuideName, calls: (k: number) => number): Promise<void> {
  await withTinyModels(async ({ guides, whole }) => {
    const model = guides[name];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(token, { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(
          fc.record({
            candidates: fc.array(token, { minLength: 20, maxLength: 20 }),
            rowsBefore: rows,
            places: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
            rowsAfter: rows,
          }),
          { minLength: 1, maxLength: 4 },
        ),
        async (prompts, k, moves) => {
          using reading = await model.start(prompts);
          let texts: readonly (readonly number[])[] = prompts;
          let expectedCalls = 0;
          for (const { candidates, rowsBefore, places, rowsAfter } of moves) {
            let asked = texts.map((_, row) => candidates.slice(row * k, (row + 1) * k));
            const rated = await reading.rate(integers([texts.length, k], asked.flat()));
            expectedCalls += texts.length * calls(k);
            assert.deepEqual(rated.dims, [texts.length, model.labels.length, k]);
            const expected = (await whole[name].rewards(texts, asked)).flatMap((row) =>
              model.labels.flatMap((_, label) => row.map((labels) => labels[label]))
            );
            assert.ok(largestDifference(floatsOf(rated), expected) <= 2e-5);

            const before = rowsBefore.map((row) => row % texts.length);
            await reading.select(before);
            asked = before.map((row) => asked[row]);
            const taken = before.map((_, row) => places[row] % k);
            const tokens = taken.map((place, row) => asked[row][place]);
            await reading.accept(tokens, taken);
            texts = before.map((row, i) => [...texts[row], tokens[i]]);

            const after = rowsAfter.map((row) => row % texts.length);
            await reading.select(after);
            texts = after.map((row) => texts[row]);
          }
          assert.equal(reading.backboneCalls, expectedCalls);
        },
      ),
      { numRuns: 20, seed: 1 },
    );
  });
}
