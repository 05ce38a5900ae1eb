import assert from "node:assert/strict";
import { join } from "node:path";
import { takeOver } from "../../lib/experiments/stages/hub_stages.ts";
import { localFolder } from "../../lib/experiments/stages/local_folder.ts";
import { localModel } from "../../lib/experiments/stages/local_model.ts";
import { keyOf } from "../../lib/stages/stage.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { openModelFolder } from "../../lib/weights/model_folder.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { onTinyDisk, tinyDiskAllowed } from "../tiny_disk.ts";
import { ggufBytes } from "../weights/gguf/gguf_bytes.ts";
import { smallMetadata, smallModel } from "../weights/gguf/small_gguf.ts";

Deno.test("a GGUF file is named by its content wherever it lies, and becomes a folder of float32 weights", async () => {
  await withTemporaryFolder(async (folder) => {
    const bytes = ggufBytes(smallMetadata("llama"), smallModel("llama").tensors);
    const [path, moved] = [join(folder, "a.gguf"), join(folder, "b.gguf")];
    for (const each of [path, moved]) await Deno.writeFile(each, bytes);
    const stage = await localModel("a model", path, 1e5);
    assert.equal(keyOf(await localModel("a model", moved, 1e5), cpu), keyOf(stage, cpu));
    const context = { device: cpu, signal: new AbortController().signal };
    const [made] = await new StageStore(join(folder, "stages")).run([stage], context);
    const { weights } = await openModelFolder(made);
    assert.equal(weights.tensors.size, 20);

    // of a folder, too, the content is what counts
    const copied = await localModel("a model", made, 1e5);
    assert.notEqual(keyOf(copied, cpu), keyOf(stage, cpu));
    assert.equal(copied.kind, "local-folder/1");
  });
});

Deno.test({
  name: "a model that is copied onto a full disk is refused in one sentence",
  ignore: !tinyDiskAllowed,
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const weights = join(folder, "weights");
      await Deno.writeFile(weights, new Uint8Array(200_000));
      const stage = await localFolder("a model", folder);
      await onTinyDisk(async (disk) => {
        const full = /^Error: Cannot write '\S+weights': the disk is full, so free some space/;
        const context = { device: cpu, signal: new AbortController().signal };
        await assert.rejects(stage.make(disk, {}, context), full);
        await assert.rejects(takeOver(weights, join(disk, "weights")), full);
      });
    });
  },
});
