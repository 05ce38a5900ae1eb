import assert from "node:assert/strict";
import { steeredGraph } from "../../lib/browser/steered_graph.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { writeOnTrunk } from "../decode/write_on_trunk.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinySpecs, writeTinyModel } from "../tiny_models.ts";

Deno.test("a page takes models of one graph only, and says of others why", async () => {
  await withTinyModels(({ bases: { bosLm }, guides: { arm, rad } }) => {
    const { step } = steeredGraph(bosLm, [{ model: arm, steering: [] }], ["arm"], 5);
    assert.equal(step.parts.length, 2);
    assert.equal(step.parts[0].begin.length, 1);
    assert.ok(step.carried.every(({ dims }) => dims[0] === 1));
    assert.equal(step.weights.length, 2);
    assert.throws(
      () => steeredGraph(bosLm, [{ model: rad, steering: [] }], ["rad"], 5),
      /^TypeError: exportSteered: a model of the kind 'rad' reads every candidate/,
    );
    const seenThroughLogits = { ...bosLm, graph: undefined };
    assert.throws(
      () => steeredGraph(seenThroughLogits, [], [], 5),
      /the base model is no folder of ours/,
    );
    return Promise.resolve();
  });
});

Deno.test("a head on the base's trunk reads nothing in a page, and shares the weights of the base", async () => {
  await withTemporaryFolder(async (folder) => {
    const lm = await writeTinyModel(folder, "lm");
    const path = await writeOnTrunk(`${folder}/arm`, tinySpecs.arm, lm, 2);
    await using base = await openBaseModel(lm, cpu);
    await using model = await openRewardModel(path, cpu);
    const { step, program } = steeredGraph(base, [{ model, steering: [] }], ["arm"], 5);
    const { ids, padding } = step.parts[1];
    assert.deepEqual([ids, padding], [undefined, undefined]);
    const fed = [
      ...step.parts.flatMap(({ ids = [], padding = [] }) => [ids, padding]).flat(),
      ...step.carried.map(({ input }) => input),
    ];
    assert.deepEqual(fed.filter((name) => !program.inputs.has(name)), []);
    assert.equal(step.weights.length, 2);
  });
});
