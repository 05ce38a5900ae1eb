import assert from "node:assert/strict";
import { cut } from "../../lib/train/fit.ts";
import { languageModelObjective } from "../../lib/train/language_model_objective.ts";
import { Random } from "../../lib/random.ts";
import { tinyBackbone } from "../tiny_models.ts";

Deno.test("tokens that are given are read and not predicted, and the loss is a mean over the others", async () => {
  const examples = [
    { ids: [5, 6, 7, 8], labels: [], given: 2 },
    { ids: [9, 10, 11], labels: [], goesOn: true },
  ];
  const [part] = cut(examples, 1, new Random(0, "part"));
  const { ids, weights, mask } = await languageModelObjective(tinyBackbone).feeds(part);
  const { bos, endOfText } = tinyBackbone;
  assert.deepEqual([...ids.data as BigInt64Array].map(Number), [
    ...[bos, 5, 6, 7, 8],
    ...[bos, 9, 10, 11, endOfText],
  ]);
  assert.deepEqual([...mask.data as Float32Array], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
  // of a batch as a whole two texts may end
  const each = Math.fround(1 / (2 + 3 + 2));
  assert.deepEqual([...weights.data as Float32Array], [
    ...[0, 0, each, each, each],
    ...[each, each, each, 0, 0],
  ]);
});
