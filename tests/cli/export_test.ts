import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";
import { openTransformersBase } from "../../lib/bases/transformers_base.ts";
import { refuse, runTask } from "./run_task.ts";
import { cpu } from "../run_graph.ts";

Deno.test("export writes a folder that opens as a transformers.js model", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, "lm");
    const out = join(parent, "new", "exported");
    const { stdout, stderr } = await runTask("export", "--base", folder, "--out", out);
    assert.deepEqual([stdout, stderr], ["", `Wrote '${out}'.\n`]);
    await using base = await openTransformersBase(out, cpu);
    assert.equal(base.vocabulary, tinyBackbone.vocabulary);
  });
});

Deno.test("export refuses a folder that is not there", async () => {
  const args = ["--base", join("no", "such", "model"), "--out", "out"];
  await refuse(1, /there is no such folder/, "export", ...args);
  await refuse(2, /'--out <dir>' not specified/, "export", "--base", "model");
});
