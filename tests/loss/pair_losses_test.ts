import assert from "node:assert/strict";
import fc from "fast-check";
import { gradients } from "../../lib/graph/gradient.ts";
import type { Shape } from "../../lib/graph/dim.ts";
import { input, type Tensor } from "../../lib/graph/tensor.ts";
import { bestContinuationLoss } from "../../lib/loss/best_continuation.ts";
import { bradleyTerryLoss } from "../../lib/loss/bradley_terry.ts";
import {
  lastShares,
  laterShares,
  temporalDifferenceLoss,
} from "../../lib/loss/temporal_difference.ts";
import { floats } from "../../lib/runtime/value.ts";
import { checkGradients } from "../graph/numeric_gradient.ts";
import { floatsOf, runGraph } from "../run_graph.ts";
import golden from "./pair_losses.json" with { type: "json" };

// pair_losses.json has what PyTorch's autograd makes of the same formulas.

/** Checks a loss and its gradients by the first inputs, as many as there are. */
async function agrees(
  build: (inputs: Tensor<"float32">[]) => Tensor<"float32">,
  inputs: readonly { shape: Shape; data: ArrayLike<number> }[],
  expected: { loss: number; gradients: number[][] },
): Promise<void> {
  const given = inputs.map(({ shape }, i) => input(`x${i}`, "float32", shape));
  const loss = build(given);
  const slopes = gradients(loss, given.slice(0, expected.gradients.length));
  const outputs = Object.fromEntries(slopes.map((slope, i) => [`slope${i}`, slope]));
  const feeds = inputs.map(({ shape, data }, i) =>
    [`x${i}`, floats(shape.map(Number), Float32Array.from(data))] as const
  );
  const result = await runGraph({ loss, ...outputs }, Object.fromEntries(feeds));
  const near = (actual: ArrayLike<number>, wanted: readonly number[]) =>
    wanted.forEach((x, i) => assert.ok(Math.abs(actual[i] - x) < 1e-6, `${actual[i]} ${x}`));
  near(floatsOf(result.loss), [expected.loss]);
  expected.gradients.forEach((wanted, i) => near(floatsOf(result[`slope${i}`]), wanted));
}

Deno.test("the losses on pairs, of the best continuation and of TD(λ) are PyTorch's, and so are their gradients", async () => {
  const { bradleyTerry, bestContinuation, temporalDifference } = golden;
  const at = (shape: number[], data: ArrayLike<number>) => ({ shape, data });
  await agrees(
    ([chosen, rejected, weights]) => bradleyTerryLoss(chosen, rejected, weights),
    [bradleyTerry.chosen, bradleyTerry.rejected, bradleyTerry.weights].map((x) => at([2, 3], x)),
    bradleyTerry,
  );
  await agrees(
    ([values, maxima, weights]) => bestContinuationLoss(values, maxima, weights),
    [bestContinuation.values, bestContinuation.maxima, bestContinuation.weights]
      .map((x) => at([2, 4], x)),
    bestContinuation,
  );
  const { lengths, lambda, values, rewards, weights } = temporalDifference;
  const shape = { lengths, time: 4, rows: 2, tokens: 6 };
  await agrees(
    ([values, rewards, last, later, weights]) =>
      temporalDifferenceLoss(values, rewards, weights, { later, last }),
    [
      at([2, 4, 1], values),
      at([2, 1], rewards),
      at([2, 4], lastShares(shape, lambda)),
      at([4, 4], laterShares(4, lambda)),
      at([2, 4], weights),
    ],
    temporalDifference,
  );
});

Deno.test("the gradient of the loss on pairs is its numeric derivative", async () => {
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 });
  await checkGradients(shape.map((shape) => ({
    sizes: new Map(),
    operands: [{ shape }, { shape }, { shape }],
    build: ([chosen, rejected, weights]) => bradleyTerryLoss(chosen, rejected, weights),
  })));
});
