import assert from "node:assert/strict";
import { add } from "../../lib/graph/ops/mod.ts";
import { constant, input } from "../../lib/graph/tensor.ts";
import { addedBy } from "../../lib/methods/rules.ts";
import {
  lastShares,
  laterShares,
  temporalDifferenceLoss,
} from "../../lib/loss/temporal_difference.ts";
import { floats } from "../../lib/runtime/value.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";

const logits = [2.1, 1.3, 0.4, 0.2, -0.7, -1.9, 4, 0.5, 0.1, -0.3, -1, -2.2];
const rewards = [0.05, 0.4, 0.9, 1.2, 0.7, -0.2, 0.3, 0.02, 0.6, 0.5, 0.9, 0.8];
/** What the authors' `SecurityLogitsProcessor` makes of them, with Q = clamp(reward, 0, 1) − 1. */
const published = [
  [-0.9624846, 1.1169567, 0.4, 0.2, -0.7, -14.0848484],
  [1.8437619, -0.8642893, 0.1, -0.3, -1, -2.2],
].flat();

/** Logits that are bounded by labels of which `scores` has `[2, labels, 6]`. */
async function capped(
  base: readonly number[],
  scores: readonly number[],
  towards: readonly number[],
  away: readonly number[],
): Promise<Float32Array> {
  const labels = towards.length;
  const z = input("logits", "float32", [2, 6]);
  const strengths = {
    towards: constant("float32", [labels], towards),
    away: constant("float32", [labels], away),
  };
  const added = addedBy("cap", input("scores", "float32", [2, labels, 6]), strengths, z);
  const outputs = await runGraph({ guided: add(z, added.varying) }, {
    logits: floats([2, 6], Float32Array.from(base)),
    scores: floats([2, labels, 6], Float32Array.from(scores)),
  });
  return floatsOf(outputs.guided);
}

Deno.test("probabilities are bounded as the authors' processor bounds them", async () => {
  assert.ok(largestDifference(await capped(logits, rewards, [1], [0]), published) < 1e-5);
  const bad = rewards.map((r) => 1 - Math.min(Math.max(r, 0), 1));
  assert.ok(largestDifference(await capped(logits, bad, [0], [1]), published) < 1e-5);
});

Deno.test("of several labels the least bound holds, a label that does not steer bounds nothing, and −∞ stays", async () => {
  const rows = [rewards.slice(0, 6), rewards.slice(6)];
  const ones = Array<number>(6).fill(1);
  const two = rows.flatMap((row) => [...ones, ...row]);
  assert.ok(largestDifference(await capped(logits, two, [3, 1], [0, 0]), published) < 1e-5);
  assert.deepEqual([...await capped(logits, two, [0, 0], [0, 0])], logits.map(Math.fround));
  const without = logits.map((z, i) => i % 6 === 2 ? -Infinity : z);
  const found = await capped(without, rewards, [1], [0]);
  assert.deepEqual(
    found.map((z) => z === -Infinity ? 1 : 0),
    Float32Array.from(without, (z) => z === -Infinity ? 1 : 0),
  );
  assert.ok(found.every((z) => !Number.isNaN(z)));
});

/** The loss of two texts of 3 and 2 tokens, each token with weight 1. */
async function tdLoss(lambda: number): Promise<number> {
  const shape = { lengths: [3, 2], time: 3, rows: 2, tokens: 5 };
  const loss = temporalDifferenceLoss(
    constant("float32", [2, 3, 1], [0.8, 0.3, 0.55, 0.4, 0.6, 9]),
    constant("float32", [2, 1], [0, 0.75]),
    constant("float32", [2, 3], [1, 1, 1, 1, 1, 0]),
    {
      later: constant("float32", [3, 3], [...laterShares(3, lambda)]),
      last: constant("float32", [2, 3], [...lastShares(shape, lambda)]),
    },
  );
  return floatsOf((await runGraph({ loss })).loss)[0];
}

Deno.test("temporal differences give the authors' loss, and with λ = 1 the squared error against the label", async () => {
  // their SARSA of Q = value − 1 and reward = label − 1, summed
  assert.ok(Math.abs(await tdLoss(0) - 0.6775) < 1e-6);
  const error = 0.8 ** 2 + 0.3 ** 2 + 0.55 ** 2 + 0.35 ** 2 + 0.15 ** 2;
  assert.ok(Math.abs(await tdLoss(1) - error) < 1e-6);
  // returns of the first text: ½·0.3 + ¼·0.55 + ¼·0, ½·0.55 + ½·0, 0; of the second ½·0.6 + ½·0.75, 0.75
  const half = (0.8 - 0.2875) ** 2 + (0.3 - 0.275) ** 2 + 0.55 ** 2 + 0.275 ** 2 + 0.15 ** 2;
  assert.ok(Math.abs(await tdLoss(0.5) - half) < 1e-6);
});
