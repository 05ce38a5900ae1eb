import assert from "node:assert/strict";
import { join } from "node:path";
import { openBase } from "../../lib/bases/open_base.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { mean } from "../../lib/eval/mean.ts";
import type { PolicyOptions } from "../../lib/tuning/policy_options.ts";
import { trainPolicy } from "../../lib/tuning/train_policy.ts";
import { kindnessOf, kindScorer, trainKindModel } from "../kind_texts.ts";
import { openSafetensors } from "../../lib/weights/safetensors.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Texts that nothing is said of beforehand: half of them are kind. */
const prompts = [""];
const small = {
  rollouts: 48,
  batchSize: 24,
  epochs: 4,
  maxNewTokens: 8,
  learningRate: 1e-2,
} as const;

/** How kind a model's texts are. */
async function kindness(folder: string): Promise<number> {
  const { base, tokenizer } = await openBase(folder, cpu);
  await using _base = base;
  const { texts } = await generateTexts(base, tokenizer, prompts, {
    samples: 100,
    maxNewTokens: 8,
    traces: false,
  });
  return mean(texts.flatMap(({ continuations }) => continuations.map(kindnessOf)));
}

for (const method of ["quark", "ppo"] as const) {
  Deno.test(`${method} learns to write what is rewarded, and a run that was stopped, or was to be shorter, goes on to the same weights`, async () => {
    await withTemporaryFolder(async (folder) => {
      const [init, whole, stopped] = ["init", "whole", "stopped"].map((name) => join(folder, name));
      await trainKindModel(init);
      const iterations = method === "ppo" ? 9 : 4;
      const train = (out: string, options: Partial<PolicyOptions> = {}) =>
        trainPolicy(prompts, kindScorer, cpu, {
          ...small,
          iterations,
          method,
          init,
          out,
          ...options,
        });
      const { finished, steps, losses } = await train(whole);
      assert.ok(finished && Number.isFinite(losses!.loss));
      const [before, after] = [await kindness(init), await kindness(whole)];
      assert.ok(after > before + 0.2, `${before} to ${after}`);

      const controller = new AbortController();
      // in the middle of an iteration
      const last = steps / iterations + 3;
      const shorter = { iterations: iterations - 1 };
      const first = await train(stopped, {
        ...shorter,
        signal: controller.signal,
        onStep: ({ step }) => step === last && controller.abort(),
      });
      assert.deepEqual([first.finished, first.steps], [false, last]);
      const second = await train(stopped, { ...shorter, resume: true, recompute: true });
      assert.equal(second.finished, true);
      const third = await train(stopped, { resume: true });
      assert.match(third.wentOn!, /\(iterations: \d+ before, \d+ now\)$/);
      for (const file of ["model.safetensors", "rollouts.jsonl"]) {
        assert.deepEqual(
          await Deno.readFile(join(stopped, file)),
          await Deno.readFile(join(whole, file)),
          file,
        );
      }
    });
  });
}

Deno.test("adapters alone learn as well, and open with the base that they belong to", async () => {
  await withTemporaryFolder(async (folder) => {
    const [init, out] = [join(folder, "init"), join(folder, "out")];
    await trainKindModel(init);
    for (const method of ["quark", "ppo"] as const) {
      const { finished } = await trainPolicy(prompts, kindScorer, cpu, {
        ...small,
        method,
        init,
        out,
        lora: { rank: 8 },
        learningRate: 3e-2,
        iterations: method === "ppo" ? 4 : 2,
        overwrite: true,
      });
      assert.ok(finished);
      const names = [...Deno.readDirSync(out)].map(({ name }) => name);
      assert.ok(
        names.includes("adapter_model.safetensors") && !names.includes("model.safetensors"),
      );
      const { tensors } = await openSafetensors(join(out, "adapter_model.safetensors"));
      assert.ok([...tensors.keys()].every((name) => /lora_[AB]/.test(name)));
      if (method === "ppo") assert.ok(await kindness(out) > 0.7);
      const { base } = await openBase(out, cpu);
      await using _base = base;
      // BOS, and Quark's token
      assert.equal(base.begin([]).length, method === "quark" ? 2 : 1);
    }
  });
});

Deno.test("a reward that is no finite number ends the run before a step is made of it", async () => {
  await withTemporaryFolder(async (folder) => {
    const [init, out] = ["init", "out"].map((name) => join(folder, name));
    await trainKindModel(init);
    const infinite = {
      ...kindScorer,
      score: (texts: readonly string[]) =>
        Promise.resolve(Float64Array.from(texts, () => -Infinity)),
    };
    const options = { ...small, rollouts: 4, batchSize: 4, iterations: 1, init, out } as const;
    await assert.rejects(trainPolicy(prompts, infinite, cpu, { ...options, method: "ppo" }), {
      message:
        /^The reward of text 1 of 4 in iteration 1 is -Infinity, after the prompt ""; check what rates the texts; the last good checkpoint is that of step 0, '.*out\/checkpoint\.safetensors'\.$/,
    });
  });
});
