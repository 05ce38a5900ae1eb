import assert from "node:assert/strict";
import { join } from "node:path";
import { modelSpecJson } from "../../lib/methods/model_spec.ts";
import { openInitialModel, weightsId } from "../../lib/train/initial_model.ts";
import { writeSafetensors } from "../../lib/weights/safetensors.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters, tinySpecs, writeTinyModel } from "../tiny_models.ts";

/** Writes the tiny language model in two files, the values of the second one scaled. */
async function writeInTwoFiles(folder: string, scale: number): Promise<string> {
  await Deno.mkdir(folder);
  const spec = tinySpecs.bosLm;
  const tensors = [...randomParameters(spec, 1)].map(([name, data]) =>
    [name, { dtype: "F32", shape: [...spec.backbone.shapes.get(name)!], data }] as const
  );
  const places: Record<string, string> = {};
  for (const [i, file] of ["a.safetensors", "b.safetensors"].entries()) {
    const own = tensors.filter((_, place) => place % 2 === i).map(([name, tensor]) => {
      places[name] = file;
      const data = i === 1 ? tensor.data.map((value) => value * scale) : tensor.data;
      return [name, { ...tensor, data }] as const;
    });
    await writeSafetensors(join(folder, file), own);
  }
  const index = join(folder, "model.safetensors.index.json");
  await Deno.writeTextFile(index, JSON.stringify({ weight_map: places }));
  await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(modelSpecJson(spec)));
  return folder;
}

Deno.test("a base in several files is told from one whose index is the same and whose weights are not", async () => {
  await withTemporaryFolder(async (parent) => {
    const [one, copy, other] = await Promise.all([
      writeInTwoFiles(join(parent, "one"), 1),
      writeInTwoFiles(join(parent, "copy"), 1),
      writeInTwoFiles(join(parent, "other"), 1.5),
    ]);
    const id = await weightsId(one);
    assert.match(id, /^[0-9a-f]{16}$/);
    assert.equal(await weightsId(copy), id);
    assert.notEqual(await weightsId(other), id);
    assert.equal((await openInitialModel(one)).id, id);
  });
});

Deno.test("the id of a base in one file is the beginning of that file's SHA-256", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, "bosLm");
    const bytes = await Deno.readFile(join(folder, "model.safetensors"));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    assert.equal(await weightsId(folder), digest.toHex().slice(0, 16));
  });
});
