import assert from "node:assert/strict";
import { steeredGraph } from "../../lib/browser/steered_graph.ts";
import { withTinyModels } from "../open_tiny_models.ts";

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
