import { join } from "node:path";
import { makeNamedStages } from "../../lib/cli/make_results.ts";
import { defineStage, type Stage } from "../../lib/stages/stage.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";

const cost = { seconds: 1, disk: 1, memory: 1 };

/** A stage that writes how many threads it may take, after doing something. */
function stage(
  title: string,
  needs: Record<string, Stage> = {},
  act: () => void | Promise<void> = () => {},
): Stage {
  return defineStage({
    kind: `${title}/1`,
    title,
    settings: null,
    needs,
    cost,
    async make(folder) {
      await act();
      await Deno.writeTextFile(join(folder, "threads"), Deno.env.get("OMP_NUM_THREADS") ?? "");
    },
  });
}

/** Two stages and what needs both; one that fails, one that kills its process, and what needs each. */
export function fivePaths(): Stage[] {
  const both = stage("both", { left: stage("left"), right: stage("right") });
  const failing = stage("failing", {}, () => {
    throw new Error("no luck");
  });
  const killed = stage("killed", {}, () => Deno.kill(Deno.pid, "SIGKILL"));
  return [both, stage("after failing", { failing }), stage("after killed", { killed })];
}

if (import.meta.main) {
  const [folder, ...keys] = Deno.args;
  const context = { device: cpu, signal: new AbortController().signal };
  await makeNamedStages(new StageStore(folder), fivePaths(), context, keys);
}
