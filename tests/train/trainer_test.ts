import assert from "node:assert/strict";
import { Trainer } from "../../lib/train/trainer.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { randomParameters, tinySpecs } from "../tiny_models.ts";
import {
  openTinyTrainer,
  partsOf,
  tinyExamples,
  type TinyObjective,
  tinyObjectives,
} from "./tiny_training.ts";

const all = (parameters: ReadonlyMap<string, Float32Array>) =>
  [...parameters.values()].flatMap((values) => [...values]);

Deno.test("a batch in three parts gives the same step as in one", async () => {
  for (const name of Object.keys(tinyObjectives) as TinyObjective[]) {
    for (const maxGradNorm of [undefined, 0.5]) {
      // epsilon keeps gradients that are zero but for rounding from becoming whole steps
      const adamw = { epsilon: 1e-3, maxGradNorm };
      await using whole = await openTinyTrainer(name, { adamw });
      await using parted = await openTinyTrainer(name, { adamw, accumulate: true });
      // the ARM's random tokens are drawn place by place, so its texts have one length
      const shortest = name === "arm" ? 9 : 1;
      for (let step = 0; step < 3; step++) {
        const examples = tinyExamples(name, 7, { shortest });
        const one = await whole.step(partsOf(examples, 7), 1e-2);
        const three = await parted.step(partsOf(examples, 3, 1, 3), 1e-2);
        assert.deepEqual(Object.keys(three).sort(), Object.keys(one).sort());
        for (const [term, value] of Object.entries(one)) {
          assert.ok(Math.abs(three[term] - value) <= 1e-5 * Math.max(1, value), `${name} ${term}`);
        }
      }
      const difference = largestDifference(
        all(await parted.parameters()),
        all(await whole.parameters()),
      );
      assert.ok(difference <= 1e-6, `${name}: ${difference}`);
    }
  }
});

Deno.test("recomputing activations gives the same weights, bit for bit", async () => {
  for (const name of Object.keys(tinyObjectives) as TinyObjective[]) {
    const trained = [];
    for (const recompute of [false, true]) {
      await using trainer = await openTinyTrainer(name, { recompute });
      for (let step = 0; step < 2; step++) {
        await trainer.step(partsOf(tinyExamples(name, 5), 5), 1e-2);
      }
      trained.push(all(await trainer.parameters()));
    }
    assert.equal(largestDifference(trained[0], trained[1]), 0, name);
  }
});

Deno.test("a trainer without accumulation takes a batch in one part only", async () => {
  await using trainer = await openTinyTrainer("rad");
  await assert.rejects(trainer.step(partsOf(tinyExamples("rad", 4), 2, 2), 1e-3), {
    name: "RangeError",
    message: "Without accumulation a batch is one part.",
  });
});

Deno.test("clipping tells the norm before it and bounds what a step sees", async () => {
  const examples = tinyExamples("rad", 6);
  const adamw = { epsilon: 10, weightDecay: 0 }; // with a large ε steps grow with gradients
  const run = async (maxGradNorm?: number) => {
    await using trainer = await openTinyTrainer("rad", { adamw: { ...adamw, maxGradNorm } });
    const before = all(await trainer.parameters());
    const losses = await trainer.step(partsOf(examples, 6), 1);
    const after = all(await trainer.parameters());
    return { losses, length: Math.hypot(...after.map((value, i) => value - before[i])) };
  };
  const free = await run();
  assert.equal("grad_norm" in free.losses, false);
  const loose = await run(1e6);
  const { grad_norm: norm } = loose.losses;
  assert.ok(Math.abs(loose.length - free.length) < 1e-5 * free.length);
  const tight = await run(norm / 4);
  assert.equal(tight.losses.grad_norm, norm);
  // the step is nearly g / ε here
  assert.ok(Math.abs(tight.length - norm / 4 / 10) < 0.05 * norm / 40);
});

Deno.test("frozen embeddings keep every bit, and all else trains", async () => {
  for (const name of ["arm", "rad"] as const) {
    const initial = randomParameters(tinySpecs[name], 1);
    await using trainer = await openTinyTrainer(name);
    for (let step = 0; step < 5; step++) {
      await trainer.step(partsOf(tinyExamples(name, 6), 6), 1e-2);
    }
    for (const [parameter, values] of await trainer.parameters()) {
      const unchanged = largestDifference(values, initial.get(parameter)!) === 0;
      assert.equal(unchanged, parameter === "wte.weight", parameter);
    }
  }
});

Deno.test("evaluation is the loss, and changes nothing", async () => {
  await using trainer = await openTinyTrainer("armWithoutBaseline");
  const parts = () => partsOf(tinyExamples("armWithoutBaseline", 5), 2, 3);
  const before = await trainer.parameters();
  const { loss } = await trainer.evaluate(parts());
  assert.deepEqual(await trainer.evaluate(parts()), { loss });
  assert.deepEqual(await trainer.parameters(), before);
  assert.equal(trainer.steps, 0);
  const step = await trainer.step(partsOf(tinyExamples("armWithoutBaseline", 5), 5), 1e-3);
  assert.ok(Math.abs(step.loss - loss) < 1e-6);
  assert.equal(trainer.steps, 1);
});

Deno.test("a loss that is no longer finite is an error that names step and rate", async () => {
  await using trainer = await openTinyTrainer("rad");
  await assert.rejects(async () => {
    for (let step = 0; step < 5; step++) {
      await trainer.step(partsOf(tinyExamples("rad", 4), 4), 1e30);
    }
  }, {
    name: "Error",
    message:
      /^The loss became (NaN|Infinity) at step [2-5]; try a lower learning rate than 1e\+30\.$/,
  });
});

Deno.test("a snapshot takes up training bit for bit, also with accumulated gradients", async () => {
  for (const accumulate of [false, true]) {
    const parts = () => partsOf(tinyExamples("arm", 6), 6);
    await using first = await openTinyTrainer("arm", { accumulate });
    for (let step = 0; step < 3; step++) await first.step(parts(), 1e-2);
    const snapshot = await first.snapshot();
    assert.equal(snapshot.has("wte.weight"), false);
    assert.ok(snapshot.has("first_moment.ln_f.weight"));
    const losses = [await first.step(parts(), 1e-2), await first.step(parts(), 1e-2)];

    await using second = await openTinyTrainer("arm", { accumulate });
    await second.step(parts(), 1);
    await second.restore((name) => Promise.resolve(snapshot.get(name)), 3);
    assert.equal(second.steps, 3);
    assert.deepEqual([await second.step(parts(), 1e-2), await second.step(parts(), 1e-2)], losses);
    assert.deepEqual(await second.parameters(), await first.parameters());
  }
});

Deno.test("a snapshot of another model is refused", async () => {
  await using rad = await openTinyTrainer("rad");
  await using arm = await openTinyTrainer("arm");
  const snapshot = await rad.snapshot();
  await assert.rejects(arm.restore((name) => Promise.resolve(snapshot.get(name)), 1), {
    name: "RangeError",
    message: "The snapshot has no head.lm_projection.weight of shape [48,16]: it is of another " +
      "model.",
  });
});

Deno.test("initial values stay as they are, unless a trainer is to train in their arrays; the weights are the same", async () => {
  const trained = [];
  for (const inPlace of [false, true]) {
    const initial = randomParameters(tinySpecs.rad, 1);
    const before = all(initial);
    await using trainer = await Trainer.open(tinyObjectives.rad, initial, cpu, { inPlace });
    for (let step = 0; step < 2; step++) {
      await trainer.step(partsOf(tinyExamples("rad", 5), 5), 1e-2);
    }
    trained.push(all(await trainer.parameters()));
    assert.equal(largestDifference(all(initial), before) > 0, inPlace);
  }
  assert.equal(largestDifference(trained[0], trained[1]), 0);
});
