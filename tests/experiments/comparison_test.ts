import assert from "node:assert/strict";
import { type Comparison, comparison, readComparison } from "../../lib/experiments/comparison.ts";
import type { PointPlan } from "../../lib/experiments/points.ts";
import type { Task } from "../../lib/experiments/profile.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";
import { givenPoint, type Measured } from "./given_stages.ts";

/** A point whose texts and judgements are given: one list of prompts a seed. */
const pointOf = (system: string, beta: number, perSeed: readonly (readonly Measured[])[]) =>
  givenPoint(system, beta, perSeed, ["a b", "a c"]);

/** Continuations with these scores and log-perplexities; each of two tokens. */
const measured = (scores: readonly (number | null)[], logs: readonly number[]): Measured => ({
  scores,
  nats: logs.map((log) => 2 * log),
  units: logs.map(() => 2),
});

const detox = { control: "maximum", fluency: "perplexity", inverse: true } as Task;

async function compared(points: readonly PointPlan[], task = detox): Promise<Comparison> {
  const folder = await Deno.makeTempDir();
  try {
    const context = { device: cpu, signal: new AbortController().signal };
    const stage = comparison("Comparing", task, points, "rad");
    const [result] = await new StageStore(folder).run([stage], context);
    return await readComparison(result);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

Deno.test("metrics of a point are those computed by hand, over prompts and seeds", async () => {
  const first = [measured([0.8, 0.4], [1, 1]), measured([0.6, null], [2, 20])];
  const second = [measured([0.2, 0.5], [1, 1]), measured([null, null], [2, 2])];
  const { rows: [row] } = await compared([pointOf("unsteered", 0, [first, second])]);
  assert.deepEqual([row.system, row.beta, row.seeds, row.backboneCalls], ["unsteered", 0, 2, 1]);
  // highest scores 0.8 and 0.6 by the first seed, 0.5 and none by the second
  close(row.averageMaximum.estimate, (0.8 + 0.6 + 0.5) / 3);
  close(row.control.estimate, row.averageMaximum.estimate);
  close(row.meanScore.estimate, (0.8 + 0.4 + 0.6 + 0.2 + 0.5) / 5);
  // a prompt without a score has none of ½ or more, as in the authors' code
  close(row.anyAtLeastHalf.estimate, 3 / 4);
  // above ½, not at it
  close(row.shareAboveHalf.estimate, 2 / 5);
  // the perplexity e²⁰ is beyond what counts
  close(row.perplexity.estimate, (4 * Math.E + 3 * Math.E ** 2) / 7);
  // a, b, c and two pairs in four words
  assert.deepEqual([row.dist1, row.dist2].map(({ estimate }) => estimate), [3 / 4, 2 / 4]);
  const { low, high, estimate } = row.control;
  assert.ok(low <= estimate && estimate <= high);
});

Deno.test("perplexity over words is that of all of them together", async () => {
  const rows = [
    { scores: [0.5], nats: [3], units: [1] },
    { scores: [0.5], nats: [1], units: [3] },
  ];
  const { rows: [row] } = await compared(
    [pointOf("unsteered", 0, [rows])],
    { ...detox, fluency: "nats" },
  );
  close(row.perplexity.estimate, Math.E);
});

Deno.test("areas between curves are those computed by hand, of all seeds and of each", async () => {
  const twice = <T>(row: T) => [row, row];
  const same = (score: number, log: number) => [twice(measured([score, score], [log, log]))];
  const rad = pointOf("rad", 10, [...same(0.4, 2), ...same(0.4, 2)]);
  const unsteered = pointOf("unsteered", 0, [...same(0.6, 1), ...same(0.6, 1)]);
  // the first seed is as RAD is, the second has half of its toxicity
  const arm = pointOf("arm-distilled", 10, [...same(0.4, 2), ...same(0.2, 2)]);
  const { rows, areas: [row, ...others] } = await compared([unsteered, rad, arm]);
  assert.deepEqual(rows.map(({ name }) => name), ["unsteered", "RAD", "ARM, distilled"]);
  assert.deepEqual(others, []);
  assert.deepEqual([row.system, row.reference, row.prompts], ["arm-distilled", "RAD", "some"]);
  // over log-perplexities from 1 to 2, RAD's control goes from 0.4 to 0.6, and the ARM's to 0.7
  close(row.area.teacher.estimate, 0.5);
  close(row.area.difference.estimate, 0.05);
  close(row.area.relativeDifference.estimate, 0.1);
  close(row.area.relativeToGain.estimate, 0.5);
  assert.equal(row.perSeed.length, 2);
  close(row.perSeed[0], 0);
  close(row.perSeed[1], 0.2);
});
