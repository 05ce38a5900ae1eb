import { join } from "node:path";
import { interruption } from "../../lib/cli/command.ts";
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

/** A stage that goes on until it is stopped. */
export function endless(): Stage {
  return defineStage({
    kind: "endless/1",
    title: "endless",
    settings: null,
    needs: {},
    cost,
    make: (_folder, _from, { signal }) =>
      new Promise((_, reject) => {
        const timer = setInterval(() => {}, 1000);
        signal.addEventListener("abort", () => {
          clearInterval(timer);
          reject(signal.reason);
        });
      }),
  });
}

if (import.meta.main) {
  const [folder, ...keys] = Deno.args;
  const context = { device: cpu, signal: interruption() };
  const plan = [...fivePaths(), endless()];
  await makeNamedStages(new StageStore(folder), plan, context, keys).catch(() => Deno.exit(130));
}
