import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../lib/graph/gradient.ts";
import { sumAll } from "../../lib/graph/ops/mod.ts";
import { input, type Tensor } from "../../lib/graph/tensor.ts";
import { clippedPolicyLoss } from "../../lib/loss/clipped_policy.ts";
import { clippedValueLoss } from "../../lib/loss/clipped_value.ts";
import { klDivergence } from "../../lib/loss/kl_divergence.ts";
import { floats } from "../../lib/runtime/value.ts";
import { checkGradients } from "../graph/numeric_gradient.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";
// what PyTorch makes of the same numbers in float64
import cases from "../tuning/cases.json" with { type: "json" };

/** The value of a loss of rows of numbers, and its slopes by some of them. */
async function lossAndSlopes<Name extends string>(
  rows: Readonly<Record<Name, readonly number[]>>,
  build: (rows: Readonly<Record<Name, Tensor<"float32">>>) => Tensor<"float32">,
  by: NoInfer<Name>,
): Promise<{ loss: number; slopes: Float32Array }> {
  const names = Object.keys(rows) as Name[];
  const inputs = Object.fromEntries(
    names.map((name) => [name, input(name, "float32", ["rows"])]),
  ) as Record<Name, Tensor<"float32">>;
  const loss = build(inputs);
  const [slopes] = gradients(loss, [inputs[by]]);
  const feeds = Object.fromEntries(
    names.map((name) => [name, floats([rows[name].length], Float32Array.from(rows[name]))]),
  );
  const outputs = await runGraph({ loss, slopes }, feeds);
  return { loss: floatsOf(outputs.loss)[0], slopes: floatsOf(outputs.slopes) };
}

Deno.test("the divergence of two softmaxes is PyTorch's, and so are its gradients by both", async () => {
  const { p, q, value, gradientP, gradientQ } = cases.kl;
  const shape = [p.length, p[0].length];
  const logits = ["p", "q"].map((name) => input(name, "float32", ["rows", shape[1]]));
  const kl = klDivergence(logits[0], logits[1]);
  const [byP, byQ] = gradients(sumAll(kl), logits);
  const outputs = await runGraph({ kl, byP, byQ }, {
    p: floats(shape, Float32Array.from(p.flat())),
    q: floats(shape, Float32Array.from(q.flat())),
  });
  assert.ok(largestDifference(floatsOf(outputs.kl), value) < 2e-6);
  assert.ok(largestDifference(floatsOf(outputs.byP), gradientP.flat()) < 2e-6);
  assert.ok(largestDifference(floatsOf(outputs.byQ), gradientQ.flat()) < 2e-6);
});

Deno.test("the gradient of the divergence is its numeric derivative", async () => {
  const shape = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }));
  await checkGradients(shape.map((shape) => ({
    sizes: new Map(),
    operands: [{ shape }, { shape }],
    build: ([p, q]) => klDivergence(p, q),
  })));
});

Deno.test("PPO's losses are PyTorch's, and where they are clipped no gradient flows", async () => {
  const {
    range,
    logProbabilities,
    old,
    values,
    oldValues,
    advantages,
    returns,
    weights,
    ...torch
  } = cases.clipped;
  const policy = await lossAndSlopes(
    { logProbabilities, old, advantages, weights },
    ({ logProbabilities, old, ...rest }) => clippedPolicyLoss(logProbabilities, old, rest, range),
    "logProbabilities",
  );
  assert.ok(Math.abs(policy.loss - torch.policy) < 2e-6, `${policy.loss}`);
  assert.ok(largestDifference(policy.slopes, torch.policyGradient) < 2e-6);
  assert.ok(policy.slopes.includes(0));
  const value = await lossAndSlopes(
    { values, old: oldValues, returns, weights },
    ({ values, old, ...rest }) => clippedValueLoss(values, old, rest, range),
    "values",
  );
  assert.ok(Math.abs(value.loss - torch.value) < 2e-6, `${value.loss}`);
  assert.ok(largestDifference(value.slopes, torch.valueGradient) < 2e-6);
});
