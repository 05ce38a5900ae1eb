import assert from "node:assert/strict";
import { mul, square, sub, sumAll } from "../../lib/graph/ops/mod.ts";
import { overLabels } from "../../lib/loss/labels.ts";
import { armHead } from "../../lib/methods/arm.ts";
import { rewardObjective } from "../../lib/methods/next_token_objective.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { cpu } from "../run_graph.ts";
import { randomParameters, tinyBackbone, tinySpecs } from "../tiny_models.ts";
import { openTinyTrainer, partsOf, tinyExamples } from "../train/tiny_training.ts";

Deno.test("the ARM's head with the squared error is the ARM's objective, step for step", async () => {
  const { labels: { length: labels }, backbone: { width } } = tinySpecs.arm;
  const objective = rewardObjective(tinyBackbone, armHead({ labels, width }), {
    labels,
    loss: ({ rewards, targets, weights }) =>
      sumAll(mul(weights, overLabels(square(sub(rewards, targets)), "mean"))),
  });
  await using own = await Trainer.open(objective, randomParameters(tinySpecs.arm, 1), cpu);
  await using arm = await openTinyTrainer("arm");
  for (let step = 0; step < 3; step++) {
    const examples = tinyExamples("arm", 8);
    const [mine, theirs] = [own, arm].map((trainer) => trainer.step(partsOf(examples, 8), 1e-2));
    const [{ loss, fit, regularizer }, expected] = [await mine, await theirs];
    const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-5 * (1 + Math.abs(b)));
    close(loss, expected.loss);
    close(fit, expected.cumulative);
    close(regularizer, expected.regularizer);
  }
});

Deno.test("a loss is asked for, and an unknown option is an error", () => {
  const head = armHead({ labels: 1, width: tinyBackbone.width });
  const objective = (options: unknown) => () =>
    rewardObjective(tinyBackbone, head, options as never);
  assert.throws(objective({ labels: 1 }), /rewardObjective needs the option 'loss'/);
  assert.throws(
    objective({ labels: 1, loss: () => 0, regulariser: 0 }),
    /did you mean 'regularizer'\?/,
  );
});
