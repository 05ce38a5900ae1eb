import assert from "node:assert/strict";
import { timesOf } from "../../bench/methods.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("reward models, formulas and whole texts are timed beside the base model alone, with their calls counted", async () => {
  const calls: Record<string, number> = {};
  for (const kind of ["gedi", "arithmetic", "best-of-n"]) {
    await withTemporaryFolder(async (folder) => {
      const times = await timesOf(kind, folder, cpu, { samples: 1, maxNewTokens: 2 }, 1);
      assert.ok(times.unguided > 0 && times.steered > 0);
      calls[kind] = times.backboneCalls;
    });
  }
  // 7 more texts of 2 tokens, and 8 that are rated
  assert.deepEqual(calls, { gedi: 2, arithmetic: 1, "best-of-n": 7 + 8 / 2 });
});
