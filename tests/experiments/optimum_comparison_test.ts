import assert from "node:assert/strict";
import {
  comparedWithOptimum,
  type OptimumSet,
  planOptimum,
  readOptimum,
} from "../../lib/experiments/optimum_comparison.ts";
import {
  crossingVerdict,
  optimumVerdicts,
  writeOptimum,
} from "../../lib/experiments/optimum_report.ts";
import { worldProfile } from "../../lib/experiments/world_profile.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { given, givenPoint } from "./given_stages.ts";
import { files, writeRows } from "../../lib/experiments/stages/files.ts";

const measured = (scores: readonly number[]) => ({ scores, nats: [], units: [] });

/** Half of what is written without guidance has the reward 1, the other half 0. */
const half = Array.from({ length: 100 }, (_, i) => i % 2);

async function compared(
  inverse: boolean,
  logRatios?: number[],
  exhausted?: number,
): Promise<OptimumSet> {
  let sets: OptimumSet[] = [];
  await withTemporaryFolder(async (folder) => {
    const unguided = given(
      "unguided",
      (folder) =>
        writeRows(
          folder,
          files.measured,
          [measured(half), measured(half)].map((row, i) => (
            { prompt: `${i}`, ...row }
          )),
        ),
    );
    const scores = inverse ? [0, 0] : [1, 1];
    const points = [
      givenPoint(
        "some",
        3,
        [[measured(scores), measured(scores)]],
        ["a", "b"],
        logRatios,
        exhausted,
      ),
    ];
    const stage = comparedWithOptimum(
      { name: "sentiment", inverse },
      points,
      [{ set: "some", measured: unguided }],
      100,
    );
    const context = { device: cpu, signal: new AbortController().signal };
    const [result] = await new StageStore(folder).run([stage], context);
    sets = await readOptimum(result);
  });
  return sets[0];
}

Deno.test("a system that writes all that has the reward, and nothing else, is on the frontier's end", async () => {
  for (const inverse of [false, true]) {
    const { frontier, rows: [row], prompts } = await compared(inverse, [Math.LN2, Math.LN2]);
    assert.equal(prompts, "some");
    // p* goes from half of the texts to those with the reward, log 2 away
    assert.ok(Math.abs(frontier[0].reward.estimate - 0.5) < 1e-9);
    assert.ok(Math.abs(frontier.at(-1)!.divergence.estimate - Math.LN2) < 0.02);
    assert.deepEqual([row.reward.estimate, row.divergence!.estimate], [1, Math.LN2]);
    assert.ok(Math.abs(row.gap!.estimate) < 0.02, `${row.gap!.estimate}`);
  }
});

Deno.test("a system whose texts are likelier than they should is told in nats, one without probabilities is not", async () => {
  const [verdict] = optimumVerdicts(await compared(false, [2, 2]));
  assert.match(
    verdict,
    /^some, some prompts: it takes more nats than the optimum for as much control, by 1\.3\d/,
  );
  const unknown = await compared(false);
  assert.equal(unknown.rows[0].divergence, undefined);
  assert.match(optimumVerdicts(unknown)[0], /how likely its texts are is not known/);
});

Deno.test("a point whose tries ran out is marked with the share of its texts for which they did", async () => {
  const [told, untold] = [await compared(false, [2, 2], 1), await compared(false, [2, 2])];
  assert.deepEqual([told.rows[0].exhausted, untold.rows[0].exhausted], [0.5, undefined]);
  assert.match(optimumVerdicts(told)[0], /at β = 3 its tries ran out for 50 % of its texts/);
  assert.doesNotMatch(optimumVerdicts(untold)[0], /ran out/);
  await withTemporaryFolder(async (out) => {
    const { sentiment } = worldProfile().tasks;
    const section = await writeOptimum(out, sentiment, [told]);
    assert.match(section, /optimum_beta \| exhausted \|\n/);
    assert.match(section, /`exhausted` is the share .*some, some prompts, at β = 3 .*50 %/);
    assert.doesNotMatch(await writeOptimum(out, sentiment, [untold]), /exhausted/);
  });
});

Deno.test("what crosses the frontier beyond its interval is told", async () => {
  assert.match(crossingVerdict(await compared(false, [2, 2])), /no point crosses the frontier/);
  const wrong = await compared(false, [0.1, 0.1]);
  assert.match(crossingVerdict(wrong), /cross the frontier, .*: some at β = 3\.$/);
});

Deno.test("a profile without unguided texts has no comparison with the optimum", () => {
  const { optimum: _, ...profile } = worldProfile();
  assert.throws(() => planOptimum(profile), /'world' has no comparison with the optimum/);
});
