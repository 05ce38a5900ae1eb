import assert from "node:assert/strict";
import { join } from "node:path";
import { runSoak } from "../../bench/soak/run.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("a run of the soak counts as killed only where it had not ended before", async () => {
  await withTemporaryFolder(async (folder) => {
    const task = { work: "training", seed: 1, units: 2, checkpointEvery: 1 } as const;
    const ended = await runSoak({ ...task, out: join(folder, "ended") }, { seconds: 600 });
    assert.deepEqual([ended.lines.map(({ unit }) => unit), ended.killed], [[1, 2], false]);
    const endless = { ...task, units: 1e6, checkpointEvery: 1e6, out: join(folder, "endless") };
    assert.ok((await runSoak(endless, { seconds: 0.5 })).killed);
    await Deno.writeTextFile(join(folder, "file"), "");
    await assert.rejects(
      runSoak({ ...task, out: join(folder, "file") }, { seconds: 600 }),
      /A process of training failed/,
    );
  });
});
