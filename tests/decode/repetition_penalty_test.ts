import assert from "node:assert/strict";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { generate } from "../../lib/decode/generate.ts";
import type { GenerateOptions } from "../../lib/decode/generate_options.ts";
import { penalized, seenValue } from "../../lib/decode/repetition_penalty.ts";
import { input } from "../../lib/graph/tensor.ts";
import { floats } from "../../lib/runtime/value.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { cpu, floatsOf, runGraph } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyModel } from "../tiny_models.ts";

const logits = [
  [1.5, -0.25, 0, 3.25, -2, 0.75, 2.5, -1.125],
  [0.1, 0.2, -0.3, 0.4, -0.5, 0.6, -0.7, 0.8],
];

/** What transformers' RepetitionPenaltyLogitsProcessor makes of them after the tokens 3 1 3 2 and 7 7 4 0. */
const fromTransformers: Readonly<Record<number, readonly number[]>> = {
  1.3: [
    ...[1.5, -0.32499998807907104, 0, 2.5, -2, 0.75, 2.5, -1.125],
    ...[0.07692307978868484, 0.2, -0.3, 0.4, -0.6499999761581421, 0.6, -0.7, 0.6153846383094788],
  ],
  0.7: [
    ...[1.5, -0.17499999701976776, 0, 4.642857074737549, -2, 0.75, 2.5, -1.125],
    ...[0.1428571492433548, 0.2, -0.3, 0.4, -0.3499999940395355, 0.6, -0.7, 1.1428571939468384],
  ],
};

Deno.test("logits of tokens that were read are penalized as transformers does it, to the last bit", async () => {
  for (const [penalty, expected] of Object.entries(fromTransformers)) {
    const outputs = {
      x: penalized(
        input("logits", "float32", ["rows", 8]),
        input("seen", "int64", ["rows", "n"]),
        input("penalty", "float32", []),
      ),
    };
    const { x } = await runGraph(outputs, {
      logits: floats([2, 8], Float32Array.from(logits.flat())),
      seen: seenValue([[3, 1, 3, 2], [7, 7, 4, 0]]),
      penalty: floats([], Float32Array.of(Number(penalty))),
    });
    assert.deepEqual(floatsOf(x), Float32Array.from(expected));
  }
});

Deno.test("shorter rows have no more tokens than they read", () => {
  const { dims, data } = seenValue([[3, 1, 2], [5]]);
  assert.deepEqual(dims, [2, 3]);
  assert.deepEqual(data, BigInt64Array.of(3n, 1n, 2n, 5n, 5n, 5n));
});

const ways: readonly GenerateOptions[] = [
  { stepsPerRun: 1 },
  { stepsPerRun: 100 },
  { together: false },
];

Deno.test("penalized is what the base model has read: BOS, the prompt, and what was written after it", async () => {
  await withTemporaryFolder(async (folder) => {
    await using base = await openBaseModel(await writeTinyModel(folder, "bosLm"), cpu);
    const penalty = 1.7;
    for (const way of ways) {
      const read = [[3, 1, 4], [9]].map((prompt) => base.begin(prompt).slice());
      const options = { topK: 61, samples: 1, maxNewTokens: 6, ends: [], temperature: 0 };
      const seen: [readonly number[], Float32Array][] = [];
      await generate(base, [[3, 1, 4], [9]], {
        ...options,
        ...way,
        repetitionPenalty: penalty,
        onStep: ({ rows, tokens, logits, candidates }) =>
          rows.forEach(({ prompt }, row) => {
            const all = new Float32Array(61);
            for (let i = row * 61; i < (row + 1) * 61; i++) {
              all[Number(candidates.data[i])] = logits.data[i] as number;
            }
            seen.push([read[prompt].slice(), all]);
            read[prompt].push(tokens[row]);
          }),
      });
      assert.equal(seen.length, 12);
      for (const [ids, penalized] of seen) {
        using reading = await base.start([ids], undefined, { begun: true });
        floatsOf(reading.candidates.logits).forEach((logit, id) => {
          const expected = !ids.includes(id)
            ? logit
            : logit < 0
            ? logit * penalty
            : logit / penalty;
          assert.ok(Math.abs(penalized[id] - expected) < 1e-4, `${ids}: ${id}`);
        });
      }
    }
  });
});

Deno.test("a penalty keeps a greedy text from repeating itself", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    const options = { samples: 1, maxNewTokens: 12, ends: [], temperature: 0, topK: 5 };
    const [[plain]] = (await generate(lm, [[3, 1, 4]], options)).continuations;
    const [[penalized]] =
      (await generate(lm, [[3, 1, 4]], { ...options, repetitionPenalty: 50 })).continuations;
    assert.ok(new Set(plain).size < 12);
    assert.ok(new Set(penalized).size > new Set(plain).size);
  });
});
