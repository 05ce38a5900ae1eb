import assert from "node:assert/strict";
import { runCells, withJupyter } from "../notebook/kernel_session.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const mod = new URL("../../mod.ts", import.meta.url).href;

Deno.test({
  ...withJupyter(
    "Stop ends a generation, of which the finished texts are left, and not the kernel",
  ),
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const base = JSON.stringify(`${folder}/base`);
      const [trained, stopped, whole] = await runCells([
        {
          code: `
            import { generateTexts, loadTokenizer, openBaseModel, openDevice, sampleWorldCorpus,
              trainLanguageModel } from ${JSON.stringify(mod)};
            const device = await openDevice("cpu");
            const { texts } = sampleWorldCorpus({ seed: 1, texts: 200 });
            await trainLanguageModel(texts, device, { out: ${base}, learningRate: 1e-3, batchSize: 20, maxSteps: 5,
              vocabularySize: 300, contextLength: 48, width: 32, layers: 1, heads: 2 });
            const base = await openBaseModel(${base}, device);
            const tokenizer = await loadTokenizer(${base});
            const options = { samples: 2, maxNewTokens: 10, batchSize: 2, stepsPerRun: 1 };
          `,
        },
        {
          // slow steps leave the time to stop it, in the second batch
          code: `
            let steps = 0;
            await generateTexts(base, tokenizer, ["a", "b"], { ...options, ends: [], onStep() {
              if (++steps === 12) console.log("second batch");
              Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
            } })`,
          interruptAt: "second batch",
        },
        { code: `(await generateTexts(base, tokenizer, ["a", "b"], options)).finished` },
      ]);
      for (const { status, outputs, isAlive } of [trained, stopped, whole]) {
        assert.deepEqual([status, isAlive], ["ok", true], JSON.stringify(outputs));
      }
      const shown = ({ outputs }: typeof stopped) =>
        outputs.find(({ type }) => type === "execute_result")!.content
          .data!["text/plain"] as string;
      assert.match(shown(stopped), /Stopped before all texts were written\./);
      assert.equal(shown(stopped).match(/…/g)?.length, 2);
      assert.match(shown(whole), /true/);
    });
  },
});
