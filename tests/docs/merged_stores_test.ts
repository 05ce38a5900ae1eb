import assert from "node:assert/strict";
import { join } from "node:path";
import { planExperiments } from "../../lib/experiments/experiments.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { withFont } from "../charts/chart_checks.ts";
import { runSmallWorld, smallWorld } from "../experiments/small_world_run.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Copies the results that are not there yet, as the guide on sweeps does. @returns how many were there. */
async function merge(from: string, into: string): Promise<number> {
  await Deno.mkdir(into, { recursive: true });
  let kept = 0;
  for await (const { name } of Deno.readDir(from)) {
    if (await Deno.stat(join(into, name)).then(() => true, () => false)) kept++;
    else await copyFolder(join(from, name), join(into, name));
  }
  return kept;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

async function tablesIn(folder: string): Promise<Map<string, string>> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".csv")
  );
  const read = names.sort().map(async (name) =>
    [name, await Deno.readTextFile(join(folder, name))] as const
  );
  return new Map(await Promise.all(read));
}

Deno.test({
  ...withFont("stores of two machines, merged, have all that one machine makes, and its tables"),
  async fn() {
    await withTemporaryFolder(async (parent) => {
      const profile = smallWorld([20]);
      const path = (...names: string[]) => join(parent, ...names);
      await runSmallWorld(path("one"), { profile });

      const context = { device: cpu, signal: new AbortController().signal };
      for (const experiment of ["detox", "ablation"] as const) {
        const { results } = planExperiments(profile, [experiment]);
        await new StageStore(path(experiment)).run(results, context);
      }
      await merge(path("detox"), path("merged", "stages"));
      // both machines made the texts, the base model, and the models that both experiments compare
      assert.ok(await merge(path("ablation"), path("merged", "stages")) > 5);

      const made: string[] = [];
      await runSmallWorld(path("merged"), { profile, onStage: (title) => made.push(title) });
      assert.deepEqual(made, []);
      const tables = await tablesIn(path("one", "out", "tables"));
      assert.ok(tables.has("detox.csv") && tables.has("ablation.csv"));
      assert.deepEqual(await tablesIn(path("merged", "out", "tables")), tables);
    });
  },
});
