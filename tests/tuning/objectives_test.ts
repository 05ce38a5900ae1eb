import assert from "node:assert/strict";
import { constant } from "../../lib/graph/tensor.ts";
import type { Example, Objective } from "../../lib/train/objective.ts";
import { cut } from "../../lib/train/fit.ts";
import { type Losses, Trainer } from "../../lib/train/trainer.ts";
import { ppoObjective } from "../../lib/tuning/ppo_objective.ts";
import { quarkObjective } from "../../lib/tuning/quark_objective.ts";
import { Random } from "../../lib/random.ts";
import { cpu } from "../run_graph.ts";
import { randomParameters, tinyBackbone, tinySpecs } from "../tiny_models.ts";
// losses and gradient norms that transformers' GPT-2 and PyTorch give for these models, in float64
import cases from "./cases.json" with { type: "json" };

const policy = randomParameters(tinySpecs.bosLm, 1);
const reference = randomParameters(tinySpecs.bosLm, 2);
const examples: Example[] = cases.quark.examples.map(({ quantile, ...text }) => ({
  ...text,
  labels: [quantile],
}));

/** Losses of a step over all examples, which is computed in some parts. */
async function stepOf(
  objective: Objective,
  beside: ReadonlyMap<string, Float32Array>,
  parts: number,
): Promise<Losses> {
  const initial = new Map([...policy, ...beside]);
  await using trainer = await Trainer.open(objective, initial, cpu, {
    threads: 1,
    accumulate: parts > 1,
    adamw: { maxGradNorm: 1e9 },
  });
  return await trainer.step(cut(examples, parts, new Random(0, "parts")), 1e-3);
}

function assertClose(losses: Losses, expected: Losses): void {
  for (const [name, value] of Object.entries(expected)) {
    const error = Math.abs(losses[name] - value) / Math.abs(value);
    assert.ok(error < 2e-5, `${name}: ${losses[name]}, ${value} expected`);
  }
}

for (const parts of [1, 3]) {
  Deno.test(`Quark's objective is what PyTorch computes, in ${parts} parts`, async () => {
    const { codes, klCoefficient, loss, nll, kl, gradientNorm } = cases.quark;
    const frozen = (name: string, shape: readonly number[]) =>
      constant("float32", shape, [...reference.get(name)!]);
    const objective = quarkObjective(tinyBackbone, frozen, { codes, klCoefficient });
    const losses = await stepOf(objective, new Map(), parts);
    assertClose(losses, { loss, nll, kl, grad_norm: gradientNorm });
  });
}

Deno.test("PPO's objective is what PyTorch computes", async () => {
  const { experiences, valueHead, valueBias, loss, policy, value, gradientNorm, ...settings } =
    cases.ppo;
  const noted = new Map(examples.map((example, i) => {
    const { logProbabilities, values, advantages, returns } = experiences[i];
    const [logs, old, gains, sums] = [logProbabilities, values, advantages, returns].map((list) =>
      Float32Array.from(list)
    );
    return [example, { logProbabilities: logs, values: old, advantages: gains, returns: sums }];
  }));
  const head = new Map([
    ["value_head.weight", Float32Array.from(valueHead)],
    ["value_head.bias", Float32Array.of(valueBias)],
  ]);
  const losses = await stepOf(ppoObjective(tinyBackbone, noted, settings), head, 1);
  assertClose(losses, { loss, policy, value, grad_norm: gradientNorm });
});
