import assert from "node:assert/strict";
import { armObjective } from "../../lib/methods/arm.ts";
import { constant } from "../../lib/graph/tensor.ts";
import { fedStates, readStates, stateObjective } from "../../lib/train/state_objective.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { armHeadOf } from "../head_sizes.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { randomParameters, tinyBackbone, tinySpecs } from "../tiny_models.ts";
import { partsOf, tinyExamples, tinyObjectives } from "./tiny_training.ts";

Deno.test("a head trains on states read once as it does on a whole graph with a frozen backbone", async () => {
  const initial = randomParameters(tinySpecs.arm, 1);
  const examples = tinyExamples("arm", 40);
  const states = await readStates(tinyObjectives.arm, examples, {
    backbone: tinyBackbone,
    parameters: (name, shape) => constant("float32", shape, [...initial.get(name)!]),
    device: cpu,
  });
  const head = new Map(
    [...tinyObjectives.arm.shapes].filter(([name]) => !tinyBackbone.shapes.has(name)),
  );
  const fed = armObjective(fedStates(tinyBackbone), armHeadOf(tinySpecs.arm));
  const objective = stateObjective(fed, { backbone: tinyBackbone, head, states });
  const frozen = { ...tinyObjectives.arm, frozen: new Set(tinyBackbone.shapes.keys()) };
  await using whole = await Trainer.open(frozen, initial, cpu, { threads: 1 });
  await using alone = await Trainer.open(objective, initial, cpu, { threads: 1 });
  const [one, other] = [partsOf(examples, 40), partsOf(examples, 40)];
  for (let step = 0; step < 4; step++) {
    const [wants, has] = [await whole.step(one, 1e-2), await alone.step(other, 1e-2)];
    assert.ok(Math.abs(has.loss - wants.loss) < 1e-6 * wants.loss, `${has.loss} ${wants.loss}`);
  }
  const [wants, has] = [await whole.parameters(), await alone.parameters()];
  for (const name of head.keys()) {
    assert.ok(largestDifference(has.get(name)!, wants.get(name)!) < 1e-5, name);
  }
});
