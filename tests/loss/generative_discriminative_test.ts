import assert from "node:assert/strict";
import fc from "fast-check";
import { add } from "../../lib/graph/ops/mod.ts";
import { constant, input } from "../../lib/graph/tensor.ts";
import { discriminativeLoss, generativeLoss } from "../../lib/loss/generative_discriminative.ts";
import { classLogOdds } from "../../lib/methods/gedi_head.ts";
import type { Parameters } from "../../lib/models/parameters.ts";
import { floats } from "../../lib/runtime/value.ts";
import { checkGradients } from "../graph/numeric_gradient.ts";
import { floatsOf, runGraph } from "../run_graph.ts";

const head: Parameters = (name, shape) =>
  constant("float32", shape, name === "bias" ? [0.5, -0.25] : [1.5]);

Deno.test("the losses of GeDi are the likelihood under the own class and the entropy of the class", async () => {
  const [desired, undesired, labels, weights] = ["desired", "undesired", "labels", "weights"].map(
    (name) => input(name, "float32", ["batch"]),
  );
  const texts = { labels, weights };
  const { generative, discriminative } = await runGraph({
    generative: generativeLoss(desired, undesired, texts),
    discriminative: discriminativeLoss(classLogOdds(head, desired, undesired), texts),
  }, {
    desired: floats([2], Float32Array.of(-1, -2)),
    undesired: floats([2], Float32Array.of(-3, -1.5)),
    labels: floats([2], Float32Array.of(1, 0)),
    weights: floats([2], Float32Array.of(0.5, 0.5)),
  });
  assert.ok(Math.abs(floatsOf(generative)[0] - (1 + 1.5) / 2) < 1e-6);
  // δ = 1.5 (−1 + 3) + 0.75 and 1.5 (−2 + 1.5) + 0.75
  const expected = (Math.log(1 + Math.exp(-3.75)) + Math.log(1 + Math.exp(0))) / 2;
  assert.ok(Math.abs(floatsOf(discriminative)[0] - expected) < 1e-6);
});

Deno.test("their gradients are numeric derivatives, with respect to likelihoods, scale and bias", async () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: 6 }),
    desired: fc.array(fc.boolean()),
  });
  await checkGradients(sizes.map(({ rows, desired: classes }) => ({
    sizes: new Map([["batch", rows]]),
    operands: [{ shape: ["batch"] }, { shape: ["batch"] }, { shape: [1] }, { shape: [2] }],
    feeds: {
      labels: floats([rows], Float32Array.from({ length: rows }, (_, i) => classes[i] ? 1 : 0)),
      weights: floats([rows], new Float32Array(rows).fill(1 / rows)),
    },
    build: ([desired, undesired, scale, bias]) => {
      const texts = {
        labels: input("labels", "float32", ["batch"]),
        weights: input("weights", "float32", ["batch"]),
      };
      const parameters: Parameters = (name) => name === "bias" ? bias : scale;
      const odds = classLogOdds(parameters, desired, undesired);
      return add(generativeLoss(desired, undesired, texts), discriminativeLoss(odds, texts));
    },
  })));
});
