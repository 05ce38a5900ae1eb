import assert from "node:assert/strict";
import { armObjective } from "../../lib/methods/arm.ts";
import { constant } from "../../lib/graph/tensor.ts";
import { fedStates, stateObjective } from "../../lib/train/state_objective.ts";
import { readTexts, StateReader, type TextStates } from "../../lib/train/text_states.ts";
import { trunkParameters } from "../../lib/models/trunk.ts";
import type { Objective } from "../../lib/train/objective.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { armHeadOf } from "../head_sizes.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { randomParameters, tinyBackbone, tinySpecs } from "../tiny_models.ts";
import { partsOf, tinyExamples, tinyObjectives } from "./tiny_training.ts";

for (const blocks of [1, 2]) {
  Deno.test(`what stands on ${blocks} of 2 blocks trains on states read once or again for every batch as on a whole graph`, async () => {
    const initial = randomParameters(tinySpecs.arm, 1);
    const examples = tinyExamples("arm", 40);
    await using reader = await StateReader.open(tinyObjectives.arm, {
      backbone: tinyBackbone,
      blocks,
      parameters: (name, shape) => constant("float32", shape, [...initial.get(name)!]),
      device: cpu,
    });
    const texts = (await readTexts(examples, (part) => reader.of(part), { label: "Reading" }))!;
    const { trunk, above } = trunkParameters(tinyBackbone, blocks);
    const { outputEmbedding } = tinyBackbone;
    const fed = armObjective(fedStates(tinyBackbone, blocks), armHeadOf(tinySpecs.arm));
    const shapes = new Map(
      [...fed.shapes].filter(([name]) => !trunk.has(name) || name === outputEmbedding),
    );
    const objectiveOn = (states: TextStates) =>
      stateObjective(fed, {
        width: tinyBackbone.width,
        shapes,
        frozen: new Set([outputEmbedding]),
        isMasked: above.size > 0,
        states,
      });
    const kept: TextStates = {
      of: (part) => Promise.resolve(part.examples.map((text) => texts.get(text)!)),
    };
    const frozen = { ...tinyObjectives.arm, frozen: new Set(trunk.keys()) };
    const open = (objective: Objective) => Trainer.open(objective, initial, cpu, { threads: 1 });
    await using whole = await open(frozen);
    await using once = await open(objectiveOn(kept));
    await using again = await open(objectiveOn(reader));
    const [one, other, third] = [0, 1, 2].map(() => partsOf(examples, 40));
    for (let step = 0; step < 4; step++) {
      const wants = await whole.step(one, 1e-2);
      for (const { loss } of [await once.step(other, 1e-2), await again.step(third, 1e-2)]) {
        assert.ok(Math.abs(loss - wants.loss) < 1e-5 * wants.loss, `${loss} ${wants.loss}`);
      }
    }
    const [wants, has] = [await whole.parameters(), await once.parameters()];
    for (const name of once.trained) {
      // steps of AdamW depend on the signs of gradients that are nearly zero
      assert.ok(largestDifference(has.get(name)!, wants.get(name)!) < 1e-3, name);
    }
  });
}

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
