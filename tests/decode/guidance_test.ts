import assert from "node:assert/strict";
import { guidanceFeeds, guide, type Steering } from "../../lib/decode/guidance.ts";
import { input } from "../../lib/graph/tensor.ts";
import type { RuleName } from "../../lib/methods/rules.ts";
import { floats, integers } from "../../lib/runtime/value.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";

interface Given {
  logits: readonly number[];
  /** One row of scores a label. */
  scores: readonly (readonly number[])[];
  steering: readonly Steering[];
  rule?: RuleName;
  baseTopP?: number;
}

const labelsOf = (scores: readonly unknown[]) => scores.map((_, i) => `${i}`);

/** Guides one row of logits by one reward model. */
async function guided(
  { logits, scores, steering, rule = "reward", baseTopP }: Given,
): Promise<number[]> {
  const labels = labelsOf(scores);
  const k = logits.length;
  const shape = {
    guides: [{ rule, labels: labels.length, filters: false }],
    wholeVocabulary: false,
    baseNucleus: baseTopP !== undefined,
  };
  const candidates = input("candidates", "int64", ["batch", "k"]);
  const outputs = guide(shape, input("logits", "float32", ["batch", "k"]), candidates, [
    input("scores", "float32", ["batch", labels.length, "k"]),
  ]);
  const result = await runGraph({ guided: outputs.guided }, {
    logits: floats([1, k], Float32Array.from(logits)),
    scores: floats([1, labels.length, k], Float32Array.from(scores.flat())),
    ...guidanceFeeds([{ labels, steering }], baseTopP),
  });
  return [...floatsOf(result.guided)];
}

Deno.test("rewards are clamped before they are turned around", async () => {
  const given = { logits: [1, 1, 1, 1], scores: [[-3, 0.25, 0.75, 7]] };
  const towards = [{ label: "0", beta: 4 }];
  assert.deepEqual(await guided({ ...given, steering: towards }), [1, 2, 4, 5]);
  const away = [{ label: "0", beta: 4, inverse: true }];
  assert.deepEqual(await guided({ ...given, steering: away }), [5, 4, 2, 1]);
});

Deno.test("labels add up, each clamped and turned by itself; one label may steer in several ways", async () => {
  const scores = [[2, 0.5], [-1, 0.75], [0.5, 0]];
  const steering = [
    { label: "0", beta: 2 },
    { label: "1", beta: 4, inverse: true },
    { label: "2" },
    { label: "0", beta: 1 },
    { label: "0", beta: 8, inverse: true },
  ];
  assert.deepEqual(
    await guided({ logits: [0, 1], scores, steering }),
    [0 + 3 + 4 + 5 + 0, 1 + 1.5 + 1 + 0 + 4],
  );
});

Deno.test("a label that does not steer has no say", async () => {
  const given = {
    logits: [1, 2],
    scores: [[0.5, 0.5], [9, -9]],
    steering: [{ label: "0", beta: 2 }],
  };
  assert.deepEqual(await guided(given), [2, 3]);
});

Deno.test("log-odds steer by their log-probabilities, also where these are large", async () => {
  const odds = [-200, -30, -1, 0, 2, 30, 200];
  const logits = odds.map(() => 0);
  const logSigmoid = (s: number) => -Math.log1p(Math.exp(-Math.abs(s))) + Math.min(0, s);
  for (const inverse of [false, true]) {
    const steering = [{ label: "0", beta: 3, inverse }];
    const actual = await guided({ logits, scores: [odds], steering, rule: "logProbability" });
    const expected = odds.map((s) => 3 * logSigmoid(inverse ? -s : s));
    assert.ok(largestDifference(actual, expected) <= 1e-4);
  }
});

Deno.test("differences of logits add up as they are, and are turned around by their sign", async () => {
  const given = { logits: [1, 1], scores: [[-3, 2]], rule: "difference" } as const;
  assert.deepEqual(await guided({ ...given, steering: [{ label: "0", beta: 2 }] }), [-5, 5]);
  const away = [{ label: "0", beta: 2, inverse: true }];
  assert.deepEqual(await guided({ ...given, steering: away }), [7, -3]);
});

Deno.test("what is not in the base model's nucleus stays out, however it is rated", async () => {
  const given = { logits: [5, 4, 0], scores: [[0, 0, 1]], steering: [{ label: "0", beta: 50 }] };
  assert.deepEqual(await guided({ ...given, baseTopP: 0.9 }), [5, 4, -Infinity]);
});

Deno.test("of the whole vocabulary the top k are taken when guided", async () => {
  const shape = {
    guides: [{ rule: "reward", labels: 1, filters: false } as const],
    wholeVocabulary: true,
    baseNucleus: false,
  };
  const logits = input("logits", "float32", ["batch", 5]);
  const scores = input("scores", "float32", ["batch", 1, 5]);
  const { candidates, guided, logits: kept, scores: [rated] } = guide(shape, logits, undefined, [
    scores,
  ]);
  const outputs = await runGraph({ candidates, guided, kept, rated }, {
    logits: floats([1, 5], Float32Array.of(4, 3, 2, 1, 0)),
    scores: floats([1, 1, 5], Float32Array.of(0, 0.5, 0, 0, 1)),
    k: integers([1], [2]),
    ...guidanceFeeds([{ labels: ["a"], steering: [{ label: "a", beta: 10 }] }]),
  });
  assert.deepEqual([...outputs.candidates.data as BigInt64Array], [4n, 1n]);
  assert.deepEqual([...floatsOf(outputs.guided)], [10, 8]);
  assert.deepEqual([...floatsOf(outputs.kept)], [0, 3]);
  assert.deepEqual([...floatsOf(outputs.rated)], [1, 0.5]);
});
