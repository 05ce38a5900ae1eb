import assert from "node:assert/strict";
import fc from "fast-check";
import { input } from "../../lib/graph/tensor.ts";
import { binaryCrossEntropy, prefixCrossEntropyLoss } from "../../lib/loss/cross_entropy.ts";
import { languageModellingWeights } from "../../lib/loss/language_modelling.ts";
import { floats } from "../../lib/runtime/value.ts";
import { checkGradients } from "../graph/numeric_gradient.ts";
import { floatsOf, runGraph } from "../run_graph.ts";

const entropy = (s: number, y: number) =>
  -y * Math.log(1 / (1 + Math.exp(-s))) - (1 - y) * Math.log(1 / (1 + Math.exp(s)));

async function entropiesOf(logOdds: number[], labels: number[]): Promise<Float32Array> {
  const names = ["n"];
  const loss = binaryCrossEntropy(
    input("odds", "float32", names),
    input("labels", "float32", names),
  );
  const feeds = {
    odds: floats([logOdds.length], Float32Array.from(logOdds)),
    labels: floats([labels.length], Float32Array.from(labels)),
  };
  return floatsOf((await runGraph({ loss }, feeds)).loss);
}

Deno.test("the cross-entropy is that of the label's distribution against σ of the log-odds", async () => {
  const cases = [[0, 0], [0, 1], [2, 1], [2, 0], [-3, 0.25], [8, 0.5]] as const;
  const values = await entropiesOf(cases.map(([s]) => s), cases.map(([, y]) => y));
  cases.forEach(([s, y], i) => assert.ok(Math.abs(values[i] - entropy(s, y)) < 1e-5, `${s} ${y}`));
});

Deno.test("log-odds of any size give a finite loss", async () => {
  const values = await entropiesOf([1e4, -1e4, 1e4, -1e4], [1, 0, 0, 1]);
  assert.deepEqual([...values], [0, 0, 1e4, 1e4]);
});

Deno.test("the gradient of the cross-entropy is its numeric derivative", async () => {
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
  await checkGradients(shape.map((shape) => ({
    sizes: new Map(),
    operands: [{ shape }, { shape }],
    build: ([odds, labels]) => binaryCrossEntropy(odds, labels),
  })));
});

Deno.test("FUDGE's loss counts every prefix alike, and averages over labels", async () => {
  const perToken = ["batch", "time"];
  const loss = prefixCrossEntropyLoss(
    input("odds", "float32", [...perToken, 2]),
    input("labels", "float32", ["batch", 2]),
    input("weights", "float32", perToken),
  );
  const shape = { lengths: [2, 1], time: 2, rows: 2, tokens: 3 };
  const { loss: value } = await runGraph({ loss }, {
    // the last place is padding
    odds: floats([2, 2, 2], Float32Array.of(1, -1, 2, 0, -2, 3, 99, 99)),
    labels: floats([2, 2], Float32Array.of(1, 0, 0.5, 1)),
    weights: floats([2, 2], languageModellingWeights(shape)),
  });
  const expected = [[1, 1], [-1, 0], [2, 1], [0, 0], [-2, 0.5], [3, 1]]
    .reduce((sum, [s, y]) => sum + entropy(s, y), 0) / 3 / 2;
  assert.ok(Math.abs(floatsOf(value)[0] - expected) < 1e-6);
});
