import assert from "node:assert/strict";
import { join } from "node:path";
import { trunkOf } from "../../lib/inference/trunk_of.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { initialize } from "../../lib/models/initialization.ts";
import { Random } from "../../lib/random.ts";
import { openModelFolder, writeModelFolder } from "../../lib/weights/model_folder.ts";
import { isSameTrunk } from "../../lib/weights/trunk.ts";
import { smallBackbone } from "../models/random_backbone.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("a base with another output embedding is another base to what was trained on its trunk", async () => {
  await withTemporaryFolder(async (parent) => {
    const identityOf = async (modelType: string, change: (values: Float32Array) => void) => {
      const backbone = smallBackbone(modelType);
      const spec = { kind: "lm", backbone, bos: false } as const;
      const shapes = shapesOf(spec);
      const values = initialize(shapes, backbone.fill, new Random(1, "weights"));
      change(values.get(backbone.outputEmbedding)!);
      const path = join(parent, "base");
      await writeModelFolder(path, { config: modelSpecJson(spec), shapes, values });
      return (await trunkOf(await openModelFolder(path), backbone, 1))!;
    };
    const own = await identityOf("gpt_neox", () => {});
    const other = await identityOf("gpt_neox", (values) => values[0] += 1);
    assert.deepEqual({ ...other, output: own.output }, own);
    assert.ok(isSameTrunk(own, own));
    assert.ok(!isSameTrunk(own, other));
    // of an output embedding in few bits, or of a folder from before it was looked at, nothing is known
    const { output: _, ...unknown } = other;
    assert.ok(isSameTrunk(own, unknown) && isSameTrunk(unknown, own));

    const tied = await identityOf("qwen2", () => {});
    assert.equal(tied.output, undefined);
    assert.ok(!isSameTrunk(tied, await identityOf("qwen2", (values) => values[0] += 1)));
  });
});
