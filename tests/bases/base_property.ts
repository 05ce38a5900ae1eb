import fc from "fast-check";
import assert from "node:assert/strict";
import type { BaseModel, Candidates } from "../../lib/bases/base_model.ts";
import { floatsOf } from "../run_graph.ts";
import { tinyBackbone } from "../tiny_models.ts";
import type { WholeTextModel } from "../whole_text_model.ts";

const token = fc.nat(tinyBackbone.vocabulary - 1);
const rows = fc.array(fc.nat(), { minLength: 1, maxLength: 4 });

export interface BaseReadingsOptions {
  /** What the model reads before each text. Default: nothing, and the end of text before an empty one. */
  begin?: readonly number[];
  /** Candidates to ask for; undefined for the whole vocabulary. Default: 1 to 8, and the whole vocabulary. */
  candidates?: fc.Arbitrary<number | undefined>;
  /** Default 1e-4. */
  tolerance?: number;
  /** Default 20. */
  numRuns?: number;
}

/**
 * Follows random texts with a base model: reads prompts of different lengths, selects and repeats rows, takes
 * steps. The candidates have to be the likeliest tokens after the whole texts, likeliest first, and their logits,
 * up to one constant a row, those of the model that reads each text from its beginning.
 */
export async function checkBaseReadings(
  base: BaseModel,
  whole: WholeTextModel,
  { begin = [], candidates, tolerance = 1e-4, numRuns = 20 }: BaseReadingsOptions = {},
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(token, { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
      candidates ?? fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      fc.array(fc.record({ rows, tokens: fc.array(token, { minLength: 4, maxLength: 4 }) }), {
        maxLength: 4,
      }),
      async (prompts, k, moves) => {
        let texts = prompts.map((prompt) => {
          const text = [...begin, ...prompt];
          return text.length > 0 ? text : base.ends.slice(0, 1);
        });
        using reading = await base.start(prompts, k);
        const check = async () =>
          checkCandidates(reading.candidates, await whole.logits(texts), k, tolerance);
        await check();
        for (const { rows, tokens } of moves) {
          const selected = rows.map((row) => row % texts.length);
          await reading.select(selected);
          texts = selected.map((row) => texts[row]);
          await check();
          const taken = texts.map((_, row) => tokens[row]);
          await reading.step(taken);
          texts = texts.map((text, row) => [...text, taken[row]]);
          await check();
        }
      },
    ),
    { numRuns, seed: 1 },
  );
}

function checkCandidates(
  { ids, logits }: Candidates,
  expected: readonly (readonly number[])[],
  k: number | undefined,
  tolerance: number,
): void {
  const width = k ?? expected[0].length;
  assert.deepEqual(logits.dims, [expected.length, width]);
  if (k === undefined) assert.equal(ids, undefined);
  else assert.deepEqual([ids?.type, ids?.dims], ["int64", logits.dims]);
  expected.forEach((all, row) => {
    const places = Array.from(
      { length: width },
      (_, i) => ids ? Number((ids.data as BigInt64Array)[row * width + i]) : i,
    );
    const got = floatsOf(logits).subarray(row * width, (row + 1) * width);
    const shift = got[0] - all[places[0]];
    places.forEach((place, i) => {
      const difference = Math.abs(got[i] - all[place] - shift);
      assert.ok(difference <= tolerance, `${difference} at ${i} of row ${row}`);
    });
    if (k === undefined) return;
    assert.equal(new Set(places).size, k);
    const best = all.toSorted((a, b) => b - a);
    places.forEach((place, i) => assert.ok(Math.abs(all[place] - best[i]) <= tolerance));
  });
}
