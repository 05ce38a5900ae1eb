import assert from "node:assert/strict";
import { join } from "node:path";
import { guidedLogits, type Steering, steeringFeeds } from "../../lib/decode/guidance.ts";
import { input } from "../../lib/graph/tensor.ts";
import { floats } from "../../lib/runtime/value.ts";
import { openSafetensors } from "../../lib/weights/safetensors.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";
import { goldenFolder } from "../shared_data.ts";

/** Guides one row of logits by one row of rewards a score. */
async function guide(
  logits: readonly number[],
  rewards: readonly (readonly number[])[],
  steering: readonly Steering[],
): Promise<number[]> {
  const [scores, k] = [rewards.length, logits.length];
  const { guided } = await runGraph({
    guided: guidedLogits(
      input("logits", "float32", ["batch", "k"]),
      input("rewards", "float32", ["batch", "scores", "k"]),
    ),
  }, {
    logits: floats([1, k], Float32Array.from(logits)),
    rewards: floats([1, scores, k], Float32Array.from(rewards.flat())),
    ...steeringFeeds(steering),
  });
  return [...floatsOf(guided)];
}

Deno.test("rewards are clamped before they are turned around", async () => {
  const logits = [1, 1, 1, 1];
  const rewards = [[-3, 0.25, 0.75, 7]];
  assert.deepEqual(await guide(logits, rewards, [{ label: "", beta: 4 }]), [1, 2, 4, 5]);
  assert.deepEqual(
    await guide(logits, rewards, [{ label: "", beta: 4, inverse: true }]),
    [5, 4, 2, 1],
  );
});

Deno.test("scores add up, each clamped and turned by itself", async () => {
  const steering = [{ label: "a", beta: 2 }, { label: "b", beta: 4, inverse: true }, {
    label: "c",
  }];
  const rewards = [[2, 0.5], [-1, 0.75], [0.5, 0]];
  assert.deepEqual(await guide([0, 1], rewards, steering), [0 + 2 + 4 + 5, 1 + 1 + 1 + 0]);
});

interface GoldenCase {
  readonly name: string;
  readonly beta: number;
  readonly k: number;
  readonly inverse: boolean;
}

Deno.test({
  name: "logits and probabilities are those of the authors' code (needs ../shared/golden)",
  ignore: goldenFolder === undefined,
  fn: async () => {
    const json = await Deno.readTextFile(join(goldenFolder!, "guided.json"));
    const { cases } = JSON.parse(json) as { cases: GoldenCase[] };
    const file = await openSafetensors(join(goldenFolder!, "guided.safetensors"));
    for (const [i, { name, beta, k, inverse }] of cases.entries()) {
      const rows = async (tensor: string) => {
        const [, width] = file.tensors.get(`cases.${i}.${tensor}`)!.shape;
        const values = await file.readFloat32(`cases.${i}.${tensor}`);
        return Array.from(
          { length: values.length / width },
          (_, row) => [...values.subarray(row * width, (row + 1) * width)],
        );
      };
      const [logits, rewards] = [await rows("base_logits"), await rows("rewards")];
      const [guided, probabilities] = [await rows("guided_logits"), await rows("probabilities")];
      for (const row of logits.keys()) {
        const kept = logits[row].map((logit, token) => ({ logit, token }))
          .sort((a, b) => b.logit - a.logit).slice(0, k).map(({ token }) => token);
        const pick = (values: readonly number[]) => kept.map((token) => values[token]);
        const ours = await guide(pick(logits[row]), [pick(rewards[row])], [
          { label: name, beta, inverse },
        ]);
        assert.ok(largestDifference(ours, pick(guided[row])) <= 1e-5, name);
        const weights = ours.map((logit) => Math.exp(logit - Math.max(...ours)));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const softmax = weights.map((weight) => weight / total);
        assert.ok(largestDifference(softmax, pick(probabilities[row])) <= 1e-6, name);
      }
    }
  },
});
