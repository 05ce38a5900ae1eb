import assert from "node:assert/strict";
import fc from "fast-check";
import { gemm } from "../../lib/graph/ops/mod.ts";
import { input, type Tensor } from "../../lib/graph/tensor.ts";
import { cumulativeLoss, cumulativeWeights } from "../../lib/loss/cumulative.ts";
import { distillationLoss, distillationWeights } from "../../lib/loss/distillation.ts";
import {
  languageModellingLoss,
  languageModellingWeights,
  negativeLogLikelihood,
} from "../../lib/loss/language_modelling.ts";
import { regularizerLoss, regularizerWeights } from "../../lib/loss/regularizer.ts";
import type { BatchShape } from "../../lib/loss/weights.ts";
import { Random } from "../../lib/random.ts";
import { floats, type Value } from "../../lib/runtime/value.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";

const labels = 2;
const perToken = ["batch", "time"];
const rewards = input("rewards", "float32", [...perToken, labels]);
const weights = input("weights", "float32", perToken);

async function value(loss: Tensor, feeds: Record<string, Value>): Promise<number> {
  assert.deepEqual(loss.shape, []);
  return floatsOf((await runGraph({ loss }, feeds)).loss)[0];
}

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);

/** Two texts of 2 tokens and 1 token with two labels each; the padding's rewards are far off. */
const shape: BatchShape = { lengths: [2, 1], time: 2, rows: 2, tokens: 3 };
const rated = floats(
  [2, 2, 2],
  Float32Array.of(
    ...[0.5, 0, 1, 0.25], // errors against labels 1, 0:  ¼, 0;  0, 1/16
    ...[0.5, 0.5, 99, 99], // errors against labels 0, 1:  ¼, ¼
  ),
);

Deno.test("the cumulative loss is the weighted squared error against the text's labels", async () => {
  const texts = input("labels", "float32", ["batch", labels]);
  const feeds = {
    rewards: rated,
    labels: floats([2, 2], Float32Array.of(1, 0, 0, 1)),
    weights: floats([2, 2], cumulativeWeights(shape)),
  };
  // (⅓ · ¼ + ⅔ · 1/16 + ½) over two texts
  const sum = (1 / 12 + 1 / 24 + 1 / 2) / 2;
  near(await value(cumulativeLoss(rewards, texts, weights), feeds), sum / 2);
  near(await value(cumulativeLoss(rewards, texts, weights, "mean"), feeds), sum / 2);
  near(await value(cumulativeLoss(rewards, texts, weights, "sum"), feeds), sum);
});

Deno.test("the distillation loss is the weighted squared error against the teacher, averaged over labels", async () => {
  const teacher = input("teacher", "float32", [...perToken, labels]);
  const feeds = {
    rewards: rated,
    teacher: floats([2, 2, 2], Float32Array.of(0, 0, 0, 0.25, 0.5, 0, 0, 0)),
  };
  const loss = distillationLoss(rewards, teacher, weights);
  // squared errors ¼, 0; 1, 0 and 0, ¼
  const paper = floats([2, 2], distillationWeights(shape));
  near(await value(loss, { ...feeds, weights: paper }), (1.25 / 2 + 0.25) / 2 / 2);
  const published = floats([2, 2], distillationWeights(shape, true));
  near(await value(loss, { ...feeds, weights: published }), 1.5 / 3 / 2);
});

Deno.test("the regularizer is the weighted squared marginal, averaged over labels", async () => {
  const feeds = { rewards: rated, weights: floats([2, 2], regularizerWeights(shape)) };
  near(
    await value(regularizerLoss(rewards, weights), feeds),
    (0.25 + 0 + 1 + 1 / 16 + 0.25 + 0.25) / 3 / 2,
  );
});

Deno.test("the language-modelling loss is the mean negative log-likelihood, whatever the size of the logits", async () => {
  const width = 2;
  const vocabulary = 5;
  const hidden = input("hidden", "float32", ["rows", width]);
  const embedding = input("embedding", "float32", [vocabulary, width]);
  const targets = input("targets", "float32", ["rows", width]);
  const logits = gemm(hidden, embedding, { transposeB: true });
  for (const scale of [1, 100]) {
    const random = new Random(3);
    const draw = (size: number) => Float32Array.from({ length: size }, () => random.normal());
    const h = draw(3 * width).map((x) => x * scale);
    const e = draw(vocabulary * width);
    const chosen = [4, 0, 2];
    const { nll } = await runGraph({ nll: negativeLogLikelihood(logits, hidden, targets) }, {
      hidden: floats([3, width], h),
      embedding: floats([vocabulary, width], e),
      targets: floats(
        [3, width],
        Float32Array.from(chosen.flatMap((i) => [e[2 * i], e[2 * i + 1]])),
      ),
    });
    const expected = chosen.map((target, row) => {
      const z = Array.from(
        { length: vocabulary },
        (_, i) => h[2 * row] * e[2 * i] + h[2 * row + 1] * e[2 * i + 1],
      );
      const largest = Math.max(...z);
      return largest + Math.log(z.reduce((sum, z) => sum + Math.exp(z - largest), 0)) - z[target];
    });
    assert.deepEqual(nll.dims, [3]);
    assert.ok(largestDifference(floatsOf(nll), expected) < 1e-5 * scale, `${expected}`);
  }
  const nll = input("nll", "float32", ["batch*time"]);
  const feeds = {
    nll: floats([4], Float32Array.of(1, 2, 4, 99)),
    weights: floats([2, 2], languageModellingWeights(shape)),
  };
  near(await value(languageModellingLoss(nll, weights), feeds), 7 / 3);
});

/** The losses that are sums over the texts of a batch, from rewards and a further table of the same shape. */
const losses: Record<string, {
  weights: (shape: BatchShape) => Float32Array;
  loss: (other: Tensor<"float32">) => Tensor<"float32">;
}> = {
  cumulative: {
    weights: cumulativeWeights,
    loss: () => cumulativeLoss(rewards, input("labels", "float32", ["batch", labels]), weights),
  },
  distillation: {
    weights: distillationWeights,
    loss: (other) => distillationLoss(rewards, other, weights),
  },
  "distillation as published": {
    weights: (shape) => distillationWeights(shape, true),
    loss: (other) => distillationLoss(rewards, other, weights),
  },
  regularizer: {
    weights: regularizerWeights,
    loss: () => regularizerLoss(rewards, weights),
  },
};

for (const [name, { weights, loss }] of Object.entries(losses)) {
  Deno.test(`${name}: the parts of a batch add up to the loss of the whole`, async () => {
    const batches = fc.record({
      lengths: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 2, maxLength: 8 }),
      cut: fc.nat(),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(batches, async ({ lengths, cut, seed }) => {
        const rows = lengths.length;
        const tokens = lengths.reduce((sum, n) => sum + n, 0);
        const random = new Random(seed);
        const draw = (size: number) =>
          Array.from(
            { length: size },
            () => Array.from({ length: labels }, () => random.uniform()),
          );
        const texts = lengths.map((n) => ({
          n,
          label: draw(1)[0],
          rewards: draw(n),
          other: draw(n),
        }));
        const graph = loss(input("other", "float32", [...perToken, labels]));
        const lossOf = (part: typeof texts) => {
          const time = Math.max(...part.map(({ n }) => n));
          const table = (pick: (text: typeof texts[number]) => number[][]) =>
            floats(
              [part.length, time, labels],
              Float32Array.from(part.flatMap((text) => {
                const padding = Array.from({ length: time - text.n }, () => Array(labels).fill(50));
                return [...pick(text), ...padding].flat();
              })),
            );
          const shape = { lengths: part.map(({ n }) => n), time, rows, tokens };
          const all: Record<string, Value> = {
            rewards: table(({ rewards }) => rewards),
            other: table(({ other }) => other),
            labels: floats(
              [part.length, labels],
              Float32Array.from(part.flatMap(({ label }) => label)),
            ),
            weights: floats([part.length, time], weights(shape)),
          };
          const taken = /labels|other/;
          const used = name === "cumulative" ? "labels" : name === "regularizer" ? "" : "other";
          return value(
            graph,
            Object.fromEntries(
              Object.entries(all).filter(([key]) => key === used || !taken.test(key)),
            ),
          );
        };
        const at = 1 + cut % (rows - 1);
        const parts = await lossOf(texts.slice(0, at)) + await lossOf(texts.slice(at));
        const whole = await lossOf(texts);
        assert.ok(Math.abs(parts - whole) < 1e-6, `${parts} is not ${whole}`);
      }),
      { numRuns: 20 },
    );
  });
}
