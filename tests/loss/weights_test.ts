import assert from "node:assert/strict";
import { cumulativeWeights } from "../../lib/loss/cumulative.ts";
import { distillationWeights } from "../../lib/loss/distillation.ts";
import { languageModellingWeights } from "../../lib/loss/language_modelling.ts";
import { regularizerWeights } from "../../lib/loss/regularizer.ts";
import { type BatchShape, weightsBy } from "../../lib/loss/weights.ts";

/** Two texts of 3 tokens and 1 token, alone or in a batch of 4 texts and 10 tokens. */
const whole: BatchShape = { lengths: [3, 1], time: 3, rows: 2, tokens: 4 };
const part: BatchShape = { lengths: [3, 1], time: 3, rows: 4, tokens: 10 };

const equal = (weights: Float32Array, expected: number[]) =>
  assert.deepEqual(weights, Float32Array.from(expected));

Deno.test("a rule is asked for every place of a text, counted from 1, and gives 0 at padding", () => {
  equal(weightsBy(whole, (t, n) => 10 * n + t), [31, 32, 33, 11, 0, 0]);
});

Deno.test("cumulative: t / (1 + … + n) in each text, over the number of texts in the batch", () => {
  equal(cumulativeWeights(whole), [1 / 12, 2 / 12, 3 / 12, 1 / 2, 0, 0]);
  equal(cumulativeWeights(part), [1 / 24, 2 / 24, 3 / 24, 1 / 4, 0, 0]);
});

Deno.test("distillation: every place of a text alike, over the number of texts in the batch", () => {
  equal(distillationWeights(whole), [1 / 6, 1 / 6, 1 / 6, 1 / 2, 0, 0]);
  equal(distillationWeights(part), [1 / 12, 1 / 12, 1 / 12, 1 / 4, 0, 0]);
});

Deno.test("distillation as published: every token of the batch alike", () => {
  equal(distillationWeights(whole, true), [1 / 4, 1 / 4, 1 / 4, 1 / 4, 0, 0]);
  equal(distillationWeights(part, true), [1 / 10, 1 / 10, 1 / 10, 1 / 10, 0, 0]);
});

Deno.test("language modelling: every token of the batch alike", () => {
  equal(languageModellingWeights(whole), [1 / 4, 1 / 4, 1 / 4, 1 / 4, 0, 0]);
  equal(languageModellingWeights(part), [1 / 10, 1 / 10, 1 / 10, 1 / 10, 0, 0]);
});

Deno.test("regularizer: every place that predicts a token of the batch alike", () => {
  equal(regularizerWeights(whole), [1 / 4, 1 / 4, 1 / 4, 1 / 4, 0, 0]);
  equal(regularizerWeights(part), [1 / 10, 1 / 10, 1 / 10, 1 / 10, 0, 0]);
});

Deno.test("regularizer as published: one place more in texts shorter than the longest", () => {
  equal(regularizerWeights(whole, "published"), [1 / 5, 1 / 5, 1 / 5, 1 / 5, 1 / 5, 0]);
});

Deno.test("regularizer as published in distillation: every place alike, padding included", () => {
  equal(regularizerWeights(whole, "all"), Array(6).fill(1 / 6));
});
