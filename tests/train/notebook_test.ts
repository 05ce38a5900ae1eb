import assert from "node:assert/strict";
import { join } from "node:path";
import { type CellOutcome, runCells, withJupyter } from "../notebook/kernel_session.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const STEPS = 30;
const mod = new URL("../../mod.ts", import.meta.url).href;
const worldModels = new URL("../../lib/experiments/world_models.ts", import.meta.url).href;

/** Trains a tiny base model, and says how to train an ARM from it. */
const beginning = (folder: string) => `
  import { createWorld, openDevice, openRewardModel, sampleWorldCorpus, trainLanguageModel,
    trainRewardModel } from ${JSON.stringify(mod)};
  const folder = ${JSON.stringify(folder)};
  const device = await openDevice("cpu");
  const { texts, positive } = sampleWorldCorpus({ seed: 1, texts: 200 });
  const data = { texts, labels: positive, labelNames: ["positive"], skipped: 0 };
  const settings = { learningRate: 1e-3, batchSize: 20, evaluateEvery: 10, maxSteps: ${STEPS} };
  const base = folder + "/base";
  await trainLanguageModel(texts, device, { ...settings, out: base, vocabularySize: 300, contextLength: 48, width: 32, layers: 1, heads: 2 });
  const trainArm = (name, options = {}) => trainRewardModel(data, device, { ...settings, kind: "arm", base, out: folder + "/" + name, ...options });
`;

/** Rates a text by the ARM in a folder. */
const rating = (name: string) =>
  `{
  await using model = await openRewardModel(folder + "/${name}", device);
  using reading = await model.start([[1, 2, 3]]);
  const rewards = await reading.rate();
  console.log(rewards.dims.join("×"), Number.isFinite(rewards.data[0]));
}`;

function printed({ outputs }: CellOutcome): string {
  return outputs.filter(({ type }) => type === "stream").map(({ content }) => content.text).join(
    "",
  );
}

function dataOf(outcome: CellOutcome, ...types: string[]): Record<string, unknown>[] {
  return outcome.outputs.filter(({ type }) => types.includes(type)).map(({ content }) =>
    content.data!
  );
}

Deno.test({
  ...withJupyter(
    "training in a notebook draws itself in one output, is stopped by Stop, and goes on",
  ),
  async fn() {
    await withTemporaryFolder(async (folder) => {
      // Slow steps leave the time to stop it.
      const slowly = `onStep({ step }) {
        if (step === 3) console.log("step 3");
        if (step >= 3) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
      }`;
      const [start, stopped, rated, again, resumed, unbroken] = await runCells([
        { code: beginning(folder) },
        { code: `await trainArm("arm", { ${slowly} })`, interruptAt: "step 3" },
        { code: rating("arm") },
        { code: `await trainArm("arm")` },
        { code: `await trainArm("arm", { resume: true })` },
        { code: `(await trainArm("unbroken")).finished` },
      ]);
      for (const [i, { status, outputs, isAlive }] of [start, stopped, rated].entries()) {
        assert.deepEqual([status, isAlive], ["ok", true], `${i}: ${JSON.stringify(outputs)}`);
      }

      // The one output of the base model's training ends as a chart.
      const ids = dataOf(start, "display_data", "update_display_data").length;
      assert.ok(ids > 0);
      assert.equal(dataOf(start, "display_data").length, 1);
      const chart = dataOf(start, "display_data", "update_display_data").at(-1)!;
      assert.ok(chart["application/vnd.vegalite.v5+json"]);
      assert.ok(chart["image/png"] ?? chart["image/svg+xml"]);

      assert.equal(dataOf(stopped, "display_data").length, 1);
      const [table] = dataOf(stopped, "execute_result");
      assert.match(table["text/plain"] as string, /Finished +no, stopped/);
      assert.match(table["text/html"] as string, /<table>.*no, stopped/s);
      assert.equal(printed(rated).trim(), "1×1×300 true");

      assert.equal(again.status, "error");
      assert.match(JSON.stringify(again.outputs), /holds the checkpoint of a run that did not end/);

      const [ended] = dataOf(resumed, "execute_result");
      assert.match(ended["text/plain"] as string, new RegExp(`Steps +${STEPS}\\nFinished +yes`));
      assert.equal(unbroken.status, "ok");
      const weights = (name: string) => Deno.readFile(join(folder, name, "model.safetensors"));
      assert.deepEqual(await weights("arm"), await weights("unbroken"));
    });
  },
});

Deno.test({
  ...withJupyter(
    "Stop ends a training of several models, and the kernel listens again to the next one",
  ),
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const code = `
        import { openDevice } from ${JSON.stringify(mod)};
        import { trainWorldModels } from ${JSON.stringify(worldModels)};
        const device = await openDevice("cpu");
        const onStage = (stage) => console.log(stage);
        await trainWorldModels(device, { out: ${JSON.stringify(folder)}, texts: 4000, onStage });
      `;
      const again = `await trainWorldModels(device, { out: ${
        JSON.stringify(folder)
      }, texts: 4000, onStage })`;
      const outcomes = await runCells([
        { code, interruptAt: "Training a base" },
        { code: again, interruptAt: "Training a base" },
      ]);
      for (const outcome of outcomes) {
        assert.deepEqual([outcome.status, outcome.isAlive], ["error", true]);
        assert.match(JSON.stringify(outcome.outputs), /AbortError/);
        assert.doesNotMatch(printed(outcome), /RAD/);
      }
      assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["base"]);
    });
  },
});
