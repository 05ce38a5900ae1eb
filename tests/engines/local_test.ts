import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeSideBySide } from "../../lib/engines/local.ts";
import type { RunState } from "../../lib/engines/run_state.ts";
import { StageInterrupted, StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { endless, fivePaths } from "./plan_process.ts";

const script = fileURLToPath(new URL("plan_process.ts", import.meta.url));
const commandIn = (folder: string) => [
  ...[Deno.execPath(), "run", "--quiet", "--no-check", "-A", script, folder, "-"],
];

Deno.test({
  name: "side by side, what fails or kills its process holds up only what needs it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const store = new StageStore(folder);
      const context = { device: cpu, signal: new AbortController().signal };
      const states: RunState[] = [];
      const run = makeSideBySide(store, fivePaths(), context, {
        jobs: 2,
        command: commandIn(folder),
        onChange: (state) => states.push(state),
      });
      await assert.rejects(run, {
        message: /^'(failing|killed)' failed: .*, and 1 more; 4 stages are still to be made\.$/,
      });
      const there = await store.plan(fivePaths(), context);
      assert.deepEqual(
        there.filter(({ done }) => done).map(({ stage }) => stage.title),
        ["left", "right", "both"],
      );
      const last = states.at(-1)!;
      assert.deepEqual([last.done, last.total, last.running], [3, 7, []]);
      const reasons = last.failed.map(({ title, error }) => `${title}: ${error}`).sort();
      assert.deepEqual(reasons, ["failing: no luck", "killed: its process ended by SIGKILL"]);
      assert.equal(Math.max(...states.map(({ running }) => running.length)), 2);
      const threads = await Deno.readTextFile(
        join(store.folderOf(there[0].stage, context), "threads"),
      );
      const all = Number(Deno.env.get("OMP_NUM_THREADS") ?? navigator.hardwareConcurrency);
      assert.equal(Number(threads), Math.max(1, Math.floor(all / 2)));
    });
  },
});

Deno.test({
  name: "a run side by side that is stopped stops its processes, and leaves no result",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const store = new StageStore(folder);
      const controller = new AbortController();
      const context = { device: cpu, signal: controller.signal };
      const part = `${store.folderOf(endless(), context)}.part`;
      const run = makeSideBySide(store, [endless()], context, {
        jobs: 2,
        command: commandIn(folder),
        onChange: () => {
          if (existsSync(part)) controller.abort();
        },
      });
      await assert.rejects(run, StageInterrupted);
      assert.equal((await store.plan([endless()], context))[0].done, false);
    });
  },
});
