import assert from "node:assert/strict";
import type { TextGeneration } from "../../lib/decode/text_generation.ts";
import type { SweepRow } from "../../lib/experiments/sweep_row.ts";
import { sweepAreas } from "../../lib/experiments/sweep_areas.ts";
import type { PromptMeasurement } from "../../lib/experiments/sweep_options.ts";

const prompts = 30;

/** A point whose judgement is known: the same for all prompts, but for a little. */
function point(system: string, beta: number, score: number, nats: number) {
  const generation = { texts: [], system, beta } as unknown as TextGeneration;
  const measured: PromptMeasurement[] = Array.from({ length: prompts }, (_, i) => ({
    scores: [score + 0.001 * (i % 3), score - 0.001 * (i % 3)],
    fluency: [{ nll: 10 * nats, count: 10 }],
  }));
  return { row: { system, beta, generation } as SweepRow, measured };
}

const points = [
  point("teacher", 0, 0.5, 2),
  point("teacher", 5, 0.8, 2.5),
  point("teacher", 10, 0.9, 3),
  point("same", 0, 0.5, 2),
  point("same", 7, 0.8, 2.5),
  point("same", 14, 0.9, 3),
  point("worse", 0, 0.4, 2),
  point("worse", 5, 0.7, 2.5),
  point("worse", 10, 0.8, 3),
];
const rows = points.map(({ row }) => row);
const measure = (generation: TextGeneration) =>
  Promise.resolve(points.find(({ row }) => row.generation === generation)!.measured);

Deno.test("systems of a sweep are compared with the reference by their curves, whatever their β", async () => {
  const areas = await sweepAreas(rows, { reference: "teacher", measure });
  assert.deepEqual(areas.map(({ system }) => system), ["same", "worse"]);
  const [same, worse] = areas.map(({ area }) => area);
  assert.ok(Math.abs(same.difference.estimate) < 1e-9, `${same.difference.estimate}`);
  // 0.1 less over a range of 1 nat
  assert.ok(Math.abs(worse.difference.estimate + 0.1) < 1e-9, `${worse.difference.estimate}`);
  assert.ok(worse.perplexityRatio.low > 1);
});

Deno.test("where less is better the same curves are better", async () => {
  const areas = await sweepAreas(rows, { reference: "teacher", measure, better: "lower" });
  assert.ok(areas[1].area.difference.low > 0);
});

Deno.test("a reference that is not in the sweep is refused by name", async () => {
  await assert.rejects(
    sweepAreas(rows, { reference: "nobody", measure }),
    /Cannot compare with 'nobody': the sweep has teacher, same, worse/,
  );
});
