import assert from "node:assert/strict";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { generate } from "../../lib/decode/generate.ts";
import type { GenerateOptions } from "../../lib/decode/generate_options.ts";
import type { RewardModel } from "../../lib/methods/reward_model.ts";
import { cpu } from "../run_graph.ts";
import { withAllSystems } from "./all_systems.ts";

const [topK, beta] = [12, 6];
const prompts = [[3, 1, 4], [9, 2, 6, 5, 3]];
const ways: readonly GenerateOptions[] = [
  { together: false },
  { stepsPerRun: 1 },
  { stepsPerRun: 100 },
  { batchSize: 2 },
];

/** log softmax(x / temperature)[place]. */
function logSoftmax(x: readonly number[], temperature: number, place: number): number {
  const scaled = x.map((value) => value / temperature);
  const largest = Math.max(...scaled);
  const sum = scaled.reduce((total, value) => total + Math.exp(value - largest), 0);
  return scaled[place] - largest - Math.log(sum);
}

/** What a token after a prefix is worth, read anew: log q and log p. */
async function recomputed(
  base: BaseModel,
  model: RewardModel,
  prefix: readonly number[],
  token: number,
  temperature: number,
): Promise<{ steered: number; unsteered: number }> {
  using reading = await base.start([prefix], topK);
  using rating = await model.start([prefix]);
  const { ids, logits } = reading.candidates;
  const scores = (await rating.rate(ids)).data as Float32Array;
  const place = Array.from(ids!.data as BigInt64Array, Number).indexOf(token);
  const z = Array.from(logits.data as Float32Array);
  const guided = z.map((logit, i) => logit + beta * Math.min(Math.max(scores[i], 0), 1));
  return {
    steered: logSoftmax(guided, temperature, place),
    unsteered: logSoftmax(z, temperature, place),
  };
}

Deno.test("log-probabilities of drawn tokens are those of the logits, however they are computed", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides: { arm: model } }) => {
    for (const temperature of [1, 0.6]) {
      const options: GenerateOptions = {
        guides: [{ model, steering: [{ label: model.labels[0], beta }] }],
        topK,
        samples: 3,
        maxNewTokens: 6,
        temperature,
        seed: 4,
        ends: [7, 8, 9, 10, 11, 12],
        logProbabilities: true,
      };
      for (const way of ways) {
        const { continuations, logProbabilities } = await generate(lm, prompts, {
          ...options,
          ...way,
        });
        const { steered, unsteered } = logProbabilities!;
        for (const [i, prompt] of prompts.entries()) {
          for (const [j, ids] of continuations[i].entries()) {
            // the token that ended a text has a probability, too
            assert.equal(steered[i][j].length, Math.min(6, ids.length + 1));
            for (const [t, token] of ids.entries()) {
              const read = [...prompt, ...ids.slice(0, t)];
              const expected = await recomputed(lm, model, read, token, temperature);
              assert.ok(Math.abs(steered[i][j][t] - expected.steered) < 1e-4);
              assert.ok(Math.abs(unsteered[i][j][t] - expected.unsteered) < 1e-4);
            }
          }
        }
      }
    }
  });
});

Deno.test("without guides a sampler is the base model's, and at temperature 0 it is sure", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides: { arm: model } }) => {
    const of = async (options: GenerateOptions) => {
      const { logProbabilities } = await generate(lm, prompts, {
        topK,
        samples: 4,
        maxNewTokens: 5,
        logProbabilities: true,
        ...options,
      });
      return [logProbabilities!.steered.flat(2), logProbabilities!.unsteered.flat(2)];
    };
    for (const cuts of [{}, { topP: 0.6 }, { minP: 0.2 }, { baseTopP: 0.5 }]) {
      const [steered, unsteered] = await of({ ...cuts, temperature: 0.8 });
      assert.deepEqual(steered, unsteered);
      // a cut leaves fewer tokens, so that each of them is likelier
      assert.ok(steered.every((value) => value <= 0 && value > -20), JSON.stringify(cuts));
    }
    const guides = [{ model, steering: [{ label: model.labels[0], beta: 30 }] }];
    const [sure, base] = await of({ guides, temperature: 0 });
    assert.ok(sure.every((value) => value === 0));
    assert.ok(
      base.every((value) => value === 0 || value === -Infinity) && base.includes(-Infinity),
    );
  });
});

Deno.test("log-probabilities are refused where the whole vocabulary is rated", async () => {
  await withAllSystems(cpu, async ({ bases: { lm } }) => {
    const options = { rated: "vocabulary", logProbabilities: true } as const;
    await assert.rejects(generate(lm, prompts, options), /leave 'rated' or 'logProbabilities' out/);
  });
});
