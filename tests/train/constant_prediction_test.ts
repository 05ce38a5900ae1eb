import assert from "node:assert/strict";
import { armHeadOf } from "../head_sizes.ts";
import { floats } from "../../lib/runtime/value.ts";
import { armObjective } from "../../lib/methods/arm.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { cpu } from "../run_graph.ts";
import { randomParameters, tinyBackbone, tinySpecs } from "../tiny_models.ts";
import { partsOf, tinyExamples, type TinyObjective, tinyObjectives } from "./tiny_training.ts";

/** A trainer of a tiny model with some of its parameters set. */
async function trainerWith(
  name: TinyObjective,
  parameters: Record<string, readonly number[]>,
): Promise<Trainer> {
  const values = randomParameters(tinySpecs[name], 1);
  for (const [key, given] of Object.entries(parameters)) values.set(key, Float32Array.from(given));
  return await Trainer.open(tinyObjectives[name], values, cpu, { threads: 1 });
}

const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-5, `${a} and ${b}`);

Deno.test("the constant's loss of RAD and FUDGE is that of a model which says the mean label of the training texts", async () => {
  const texts = tinyExamples("rad", 30);
  const [training, evaluation] = [texts.slice(0, 20), texts.slice(20)];
  const parts = () => partsOf(evaluation, 4, 6);
  const zeros = new Array(2 * tinyBackbone.width).fill(0);
  const tokens = training.reduce((sum, { ids }) => sum + ids.length, 0);
  const mean = (label: number, weight: (length: number) => number) =>
    training.reduce((sum, { ids, labels }) => sum + weight(ids.length) * labels[label], 0);
  const perText = [0, 1].map((label) => mean(label, () => 1 / training.length));
  const perToken = [0, 1].map((label) => mean(label, (length) => length / tokens));

  await using rad = await trainerWith("rad", { "lm_head.weight": zeros, "lm_head.bias": perText });
  const squared = await rad.constantLosses(training, parts());
  assert.deepEqual(Object.keys(squared!), ["loss"]);
  close(squared!.loss, (await rad.evaluate(parts())).loss);

  const logOdds = perToken.map((p) => Math.log(p / (1 - p)));
  await using fudge = await trainerWith("fudge", {
    "lm_head.weight": zeros,
    "lm_head.bias": logOdds,
  });
  const entropy = await fudge.constantLosses(training, parts());
  close(entropy!.loss, (await fudge.evaluate(parts())).loss);
});

Deno.test("a constant for an ARM knows the labels, or the mean of a teacher's rewards of the held-out texts", async () => {
  const texts = tinyExamples("arm", 12);
  await using arm = await trainerWith("arm", {});
  const evaluation = partsOf(texts, 12);
  const { loss, cumulative } = (await arm.constantLosses(texts, evaluation))!;
  const deviations = [0, 1, 2].map((label) => {
    const values = texts.map(({ labels }) => labels[label]);
    const mean = values.reduce((a, b) => a + b) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  });
  close(cumulative, deviations.reduce((a, b) => a + b) / 3);
  assert.equal(loss, cumulative);

  // rewards that are 0.25 at the first place of a text and 0.75 elsewhere
  const teacher = (ids: { dims: readonly number[] }) => {
    const [batch, time] = ids.dims;
    const rewards = Float32Array.from(
      { length: batch * time * 3 },
      (_, i) => Math.floor(i / 3) % time === 0 ? 0.25 : 0.75,
    );
    return Promise.resolve(floats([batch, time, 3], rewards));
  };
  const spec = tinySpecs.arm;
  const distilling = armObjective(spec.backbone, armHeadOf(spec), { teacher, regularizer: 0 });
  await using student = await Trainer.open(distilling, randomParameters(spec, 1), cpu);
  const losses = await student.constantLosses(texts, partsOf(texts, 5, 7));
  const first = texts.reduce((sum, { ids }) => sum + 1 / ids.length, 0) / texts.length;
  assert.deepEqual(Object.keys(losses!), ["loss"]);
  close(losses!.loss, 0.25 * first * (1 - first));
});

Deno.test("a constant for language models knows how often each token occurs", async () => {
  const training = [{ ids: [1, 1, 2], labels: [] }, { ids: [1], labels: [], goesOn: true }];
  const evaluation = [{ ids: [1, 5], labels: [] }];
  const { vocabulary } = tinyBackbone;
  const nll = (count: number) => Math.log((5 + vocabulary) / (count + 1));
  await using lm = await trainerWith("bosLm", {});
  const losses = await lm.constantLosses(training, partsOf(evaluation, 1));
  close(losses!.loss, (nll(3) + nll(0) + nll(1)) / 3);

  const classes = [{ ids: [1, 1, 2], labels: [0.9] }, { ids: [1], labels: [0.1], goesOn: true }];
  await using gedi = await trainerWith("gedi", {});
  const both = await gedi.constantLosses(classes, partsOf([{ ids: [1, 5], labels: [0.2] }], 1));
  close(both!.generative, (nll(3) + nll(0) + nll(1)) / 3);
  close(both!.discriminative, Math.LN2);
  close(both!.loss, 0.8 * both!.generative + 0.2 * both!.discriminative);
});
