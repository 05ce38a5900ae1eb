import assert from "node:assert/strict";
import { join } from "node:path";
import { trainWorldModels } from "../../lib/experiments/world_models.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

async function trainedIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

Deno.test("models of the world are trained with what they are trained from, and once", async () => {
  await withTemporaryFolder(async (out) => {
    const small = { out, texts: 130 };
    const labels = await trainWorldModels(cpu, { ...small, models: ["arm-labels"] });
    assert.deepEqual(labels, { base: join(out, "base"), "arm-labels": join(out, "arm-labels") });
    assert.deepEqual(await trainedIn(out), ["arm-labels", "base"]);
    const weights = () => Deno.stat(join(out, "base", "model.safetensors"));
    const { mtime } = await weights();

    const distilled = await trainWorldModels(cpu, { ...small, models: ["arm-distilled"] });
    assert.deepEqual(Object.keys(distilled).sort(), ["arm-distilled", "base"]);
    assert.deepEqual(await trainedIn(out), ["arm-distilled", "arm-labels", "base", "rad"]);
    assert.deepEqual((await weights()).mtime, mtime);
  });
});

Deno.test("a signal stops before the next model", async () => {
  await withTemporaryFolder(async (out) => {
    const controller = new AbortController();
    const training = trainWorldModels(cpu, {
      out,
      texts: 130,
      signal: controller.signal,
      onStage: (stage) => stage.includes("RAD") && controller.abort(),
    });
    await assert.rejects(training, { name: "AbortError" });
    assert.ok(!(await trainedIn(out)).includes("arm-labels"));
  });
});
