import assert from "node:assert/strict";
import fc from "fast-check";
import { constant, input } from "../../lib/graph/tensor.ts";
import {
  armCandidateRewards,
  type ArmHead,
  armHeadShapes,
  armReward,
} from "../../lib/methods/arm.ts";
import type { Parameters, ParameterShapes } from "../../lib/models/parameters.ts";
import { radHeadShapes, radReward } from "../../lib/methods/rad.ts";
import { Random } from "../../lib/random.ts";
import { floats } from "../../lib/runtime/value.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";

const draw = (random: Random, ...shape: number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());

function randomValues(shapes: ParameterShapes, random: Random): Map<string, Float32Array> {
  return new Map([...shapes].map(([name, shape]) => [name, draw(random, ...shape)]));
}

const constants = (values: ReadonlyMap<string, Float32Array>): Parameters => (name, shape) =>
  constant("float32", shape, values.get(name)!);

const sizes = fc.record({
  labels: fc.integer({ min: 1, max: 7 }),
  width: fc.integer({ min: 1, max: 8 }),
  rows: fc.integer({ min: 1, max: 4 }),
  tokens: fc.integer({ min: 1, max: 6 }),
  baseline: fc.boolean(),
  seed: fc.nat(),
});

/** ⟨x, y⟩ of rows i and j of two matrices. */
function dot(x: Float32Array, i: number, y: Float32Array, j: number, width: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += x[i * width + k] * y[j * width + k];
  return sum;
}

Deno.test("the ARM head has the parameters of the authors' code", () => {
  const head: ArmHead = { labels: 3, width: 4, baseline: true };
  assert.deepEqual(Object.fromEntries(armHeadShapes(head)), {
    "head.lm_projection.weight": [12, 4],
    "head.prefix_baseline.weight": [3, 4],
  });
  assert.deepEqual([...armHeadShapes({ ...head, baseline: false }).keys()], [
    "head.lm_projection.weight",
  ]);
});

Deno.test("the ARM's reward is ⟨h, w⟩ + ⟨W h, e⟩, for one token and for candidates", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async ({ labels, width, rows, tokens, baseline, seed }) => {
      const head = { labels, width, baseline };
      const random = new Random(seed);
      const values = randomValues(armHeadShapes(head), random);
      const parameters = constants(values);
      const h = draw(random, rows, width);
      const e = draw(random, tokens, width);
      const choice = Array.from({ length: rows }, () => random.integer(tokens));

      const hidden = input("hidden", "float32", ["rows", width]);
      const each = input("each", "float32", ["rows", width]);
      const candidates = input("candidates", "float32", ["rows", "k", width]);
      const outputs = await runGraph({
        one: armReward(head, parameters, hidden, each),
        several: armCandidateRewards(head, parameters, hidden, candidates),
      }, {
        hidden: floats([rows, width], h),
        each: floats(
          [rows, width],
          Float32Array.from(choice.flatMap((i) => [...e.subarray(i * width, (i + 1) * width)])),
        ),
        candidates: floats(
          [rows, tokens, width],
          Float32Array.from(choice.flatMap(() => [...e])),
        ),
      });

      const w = values.get("head.prefix_baseline.weight");
      const matrix = values.get("head.lm_projection.weight")!;
      const marginal = (row: number, label: number, token: number) => {
        const block = matrix.subarray(label * width * width, (label + 1) * width * width);
        const projected = Float32Array.from(
          { length: width },
          (_, i) => dot(block, i, h, row, width),
        );
        return dot(projected, 0, e, token, width);
      };
      const base = (row: number, label: number) => w ? dot(w, label, h, row, width) : 0;
      const places = (visit: (row: number, label: number) => number | number[]) =>
        Array.from(
          { length: rows },
          (_, row) => Array.from({ length: labels }, (_, label) => visit(row, label)),
        ).flat(2);
      const all = Array.from({ length: tokens }, (_, token) => token);

      const near = (
        value: { data: unknown; dims: readonly number[] },
        shape: number[],
        expected: number[],
      ) => {
        assert.deepEqual(value.dims, shape);
        const difference = largestDifference(value.data as Float32Array, expected);
        assert.ok(difference < 2e-4, `${difference}`);
      };
      near(
        outputs.one,
        [rows, labels],
        places((row, label) => base(row, label) + marginal(row, label, choice[row])),
      );
      near(
        outputs.several,
        [rows, labels, tokens],
        places((row, label) => all.map((token) => base(row, label) + marginal(row, label, token))),
      );
    }),
    { numRuns: 30 },
  );
});

Deno.test("RAD's reward is one linear unit a label", async () => {
  const head = { labels: 2, width: 3 };
  assert.deepEqual(Object.fromEntries(radHeadShapes(head)), {
    "lm_head.weight": [2, 3],
    "lm_head.bias": [2],
  });
  const values = new Map([
    ["lm_head.weight", Float32Array.of(1, 2, 3, 4, 5, 6)],
    ["lm_head.bias", Float32Array.of(0.5, -0.5)],
  ]);
  const hidden = input("hidden", "float32", ["rows", 3]);
  const { rewards } = await runGraph({ rewards: radReward(head, constants(values), hidden) }, {
    hidden: floats([2, 3], Float32Array.of(1, 0, -1, 2, 1, 0)),
  });
  assert.deepEqual([...floatsOf(rewards)], [-1.5, -2.5, 4.5, 12.5]);
});
