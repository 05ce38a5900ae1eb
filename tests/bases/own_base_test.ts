import assert from "node:assert/strict";
import { join } from "node:path";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";

Deno.test("a base model tells its vocabulary, its end of text and the room in its context", async () => {
  await withTemporaryFolder(async (folder) => {
    const { vocabulary, endOfText, context } = tinyBackbone;
    await using lm = await openBaseModel(await writeTinyModel(folder, "lm"), cpu);
    assert.deepEqual([lm.vocabulary, lm.ends, lm.longestText], [
      vocabulary,
      [endOfText],
      context,
    ]);
    await using bosLm = await openBaseModel(await writeTinyModel(folder, "bosLm"), cpu);
    assert.equal(bosLm.longestText, context - 1);
  });
});

Deno.test("a reward model is refused as base", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "arm");
    await assert.rejects(openBaseModel(path, cpu), {
      name: "TypeError",
      message: `'${path}' holds a reward model (arm), not a language model.`,
    });
  });
});

Deno.test("a folder that is not there is named", async () => {
  const path = join("no", "such", "model");
  await assert.rejects(openBaseModel(path, cpu), {
    name: "Error",
    message: `Cannot open the model '${path}': there is no such folder, so check the path.`,
  });
});
