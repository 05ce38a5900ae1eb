import assert from "node:assert/strict";
import { join } from "node:path";
import { weightBytes, writeRandomWeights } from "../../lib/experiments/random_weights.ts";
import { openSafetensors } from "../../lib/weights/safetensors.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const shapes = new Map([
  ["h.0.ln_1.weight", [5]],
  ["wte.weight", [1200, 1000]],
  ["ln_f.weight", [7]],
  ["head.bias", [3]],
]);

/** Layer norms begin with ones. */
const fill = (name: string) => ({
  mean: name.includes("ln_") ? 1 : 0,
  deviation: name === "wte.weight" ? 0.02 : 0,
});

Deno.test("random weights are a valid file: layer norms 1, the rest noise of deviation 0.02", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    await writeRandomWeights(path, shapes, { fill, seed: 3 });
    const file = await openSafetensors(path);
    assert.deepEqual([...file.tensors.keys()].sort(), [...shapes.keys()].sort());
    const sizes = [...file.tensors.values()].map(({ byteLength }) => byteLength);
    assert.equal(sizes.reduce((sum, size) => sum + size), weightBytes(shapes));
    for (const name of ["h.0.ln_1.weight", "ln_f.weight"]) {
      assert.ok((await file.readFloat32(name)).every((value) => value === 1));
    }
    const noise = await file.readFloat32("wte.weight");
    const squares = noise.reduce((sum, value) => sum + value ** 2, 0);
    assert.ok(Math.abs(Math.sqrt(squares / noise.length) - 0.02) < 1e-4);
    assert.ok((await file.readFloat32("head.bias")).every((value) => value !== 0));

    const again = join(folder, "again.safetensors");
    await writeRandomWeights(again, shapes, { fill, seed: 3 });
    assert.deepEqual(await Deno.readFile(again), await Deno.readFile(path));
  });
});

Deno.test("weights whose writing is stopped are not there", async () => {
  await withTemporaryFolder(async (folder) => {
    const signal = AbortSignal.abort(new Error("enough"));
    const path = join(folder, "model.safetensors");
    await assert.rejects(writeRandomWeights(path, shapes, { signal }), /enough/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});
