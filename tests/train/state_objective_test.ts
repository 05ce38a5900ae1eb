import assert from "node:assert/strict";
import { armObjective } from "../../lib/methods/arm.ts";
import { constant } from "../../lib/graph/tensor.ts";
import { fedStates, stateObjective } from "../../lib/train/state_objective.ts";
import { readTexts, StateReader } from "../../lib/train/text_states.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { armHeadOf } from "../head_sizes.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { randomParameters, tinyBackbone, tinySpecs } from "../tiny_models.ts";
import { partsOf, tinyExamples, tinyObjectives } from "./tiny_training.ts";

Deno.test("a head trains on states read once or again for every batch as it does on a whole graph with a frozen backbone", async () => {
  const initial = randomParameters(tinySpecs.arm, 1);
  const examples = tinyExamples("arm", 40);
  await using reader = await StateReader.open(tinyObjectives.arm, {
    backbone: tinyBackbone,
    parameters: (name, shape) => constant("float32", shape, [...initial.get(name)!]),
    device: cpu,
  });
  const texts = (await readTexts(examples, (part) => reader.of(part), { label: "Reading" }))!;
  const head = new Map(
    [...tinyObjectives.arm.shapes].filter(([name]) => !tinyBackbone.shapes.has(name)),
  );
  const fed = armObjective(fedStates(tinyBackbone), armHeadOf(tinySpecs.arm));
  const objective = stateObjective(fed, {
    backbone: tinyBackbone,
    head,
    states: { of: (part) => Promise.resolve(part.examples.map((text) => texts.get(text)!)) },
  });
  const again = stateObjective(fed, { backbone: tinyBackbone, head, states: reader });
  const frozen = { ...tinyObjectives.arm, frozen: new Set(tinyBackbone.shapes.keys()) };
  await using whole = await Trainer.open(frozen, initial, cpu, { threads: 1 });
  await using alone = await Trainer.open(objective, initial, cpu, { threads: 1 });
  await using reading = await Trainer.open(again, initial, cpu, { threads: 1 });
  const [one, other, third] = [0, 1, 2].map(() => partsOf(examples, 40));
  for (let step = 0; step < 4; step++) {
    const [wants, has] = [await whole.step(one, 1e-2), await alone.step(other, 1e-2)];
    assert.ok(Math.abs(has.loss - wants.loss) < 1e-6 * wants.loss, `${has.loss} ${wants.loss}`);
    const { loss } = await reading.step(third, 1e-2);
    assert.ok(Math.abs(loss - wants.loss) < 1e-6 * wants.loss, `${loss} ${wants.loss}`);
  }
  const [wants, has] = [await whole.parameters(), await alone.parameters()];
  for (const name of head.keys()) {
    assert.ok(largestDifference(has.get(name)!, wants.get(name)!) < 1e-5, name);
  }
});

Deno.test("texts are read in batches of so many tokens, each once, until a signal comes", async () => {
  const texts = [3, 900, 5, 0, 1500, 4].map((length) => ({
    ids: Array(length).fill(1),
    labels: [],
  }));
  const lengths: number[][] = [];
  const note = ({ examples }: { examples: readonly { ids: ArrayLike<number> }[] }) => {
    lengths.push(examples.map(({ ids }) => ids.length));
    return Promise.resolve(examples.map(() => 0));
  };
  assert.equal((await readTexts(texts, note, { label: "Reading" }))?.size, 5);
  assert.deepEqual(lengths, [[3, 4, 5], [900], [1500]]);
  const stop = new AbortController();
  const stopped = await readTexts(texts, (part) => {
    stop.abort();
    return note(part);
  }, { label: "Reading", signal: stop.signal });
  assert.equal(stopped, undefined);
  assert.equal(lengths.length, 4);
});
