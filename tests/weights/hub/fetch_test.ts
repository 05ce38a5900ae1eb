import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { fetchDataset } from "../../../lib/weights/hub/fetch_dataset.ts";
import { fetchModel } from "../../../lib/weights/hub/fetch_model.ts";
import { hubSettings } from "../../../lib/weights/hub/hub_options.ts";
import { bytes, modelFiles, namesIn, tree, withHub } from "./hub_cache.ts";

const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
const gitSha = (text: string) =>
  createHash("sha1").update(`blob ${text.length}\0${text}`).digest("hex");

Deno.test("a model is fetched once, only what it needs, into the layout of huggingface_hub", async () => {
  await withHub(async ({ hub, cacheFolder, options }) => {
    const commit = hub.serve("owner/tiny", modelFiles);
    const folder = await fetchModel("owner/tiny", options);
    const own = "models--owner--tiny";
    assert.equal(folder, join(cacheFolder, own, "snapshots", commit));
    const needed = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];
    assert.deepEqual(await namesIn(folder), needed);
    assert.deepEqual(
      await Deno.readFile(join(folder, "model.safetensors")),
      modelFiles["model.safetensors"],
    );
    const blobs = new Map([
      ["config.json", gitSha(modelFiles["config.json"])],
      ["model.safetensors", sha256(modelFiles["model.safetensors"])],
      ["tokenizer.json", gitSha("{}")],
      ["tokenizer_config.json", gitSha("{ }")],
    ]);
    const expected = new Map([
      ...needed.map((file) =>
        [`${own}/snapshots/${commit}/${file}`, `../../blobs/${blobs.get(file)}`] as const
      ),
      ...needed.map((file) => [`${own}/blobs/${blobs.get(file)}`, ""] as const),
      ...needed.map((file) => [`.locks/${own}/${blobs.get(file)}.lock`, ""] as const),
      [`${own}/refs/main`, ""] as const,
    ]);
    assert.deepEqual(await tree(cacheFolder), new Map([...expected].sort()));
    assert.equal(await Deno.readTextFile(join(cacheFolder, own, "refs", "main")), commit);

    hub.requests.length = 0;
    assert.equal(await fetchModel("owner/tiny", options), folder);
    const asked = hub.requests.map(({ path }) => path);
    assert.deepEqual(asked, ["/api/models/owner/tiny/revision/main"]);
  });
});

Deno.test("weights are taken from safetensors, from its parts, or from PyTorch, in this order", async () => {
  await withHub(async ({ hub, options }) => {
    const { "model.safetensors": whole, ...rest } = modelFiles;
    const parts = {
      "model.safetensors.index.json": "{}",
      "model-00001-of-00002.safetensors": bytes(10),
      "model-00002-of-00002.safetensors": bytes(11),
    };
    const weightsOf = async (name: string, files: Record<string, string | typeof whole>) => {
      hub.serve(name, files);
      return (await namesIn(await fetchModel(name, options)))
        .filter((file) => !/config|tokenizer/.test(file));
    };
    assert.deepEqual(
      await weightsOf("a/whole", { ...rest, ...parts, "model.safetensors": whole }),
      [
        "model.safetensors",
      ],
    );
    assert.deepEqual(await weightsOf("a/parts", { ...rest, ...parts }), Object.keys(parts).sort());
    assert.deepEqual(await weightsOf("a/bin", rest), ["pytorch_model.bin"]);
  });
});

Deno.test("files are chosen by name and pattern, of data sets and of other revisions too", async () => {
  await withHub(async ({ hub, cacheFolder, options }) => {
    const files = {
      "data/train-1.parquet": bytes(9),
      "data/test.parquet": bytes(8),
      "a b?.md": "x",
    };
    const revision = "refs/convert/parquet";
    const commit = hub.serve("texts", files, { kind: "dataset", revision });
    const named = ["data/train*", "a b?.md"];
    const folder = await fetchDataset("texts", { ...options, revision, files: named });
    assert.equal(folder, join(cacheFolder, "datasets--texts", "snapshots", commit));
    assert.deepEqual([...(await tree(folder)).keys()], ["a b?.md", "data/train-1.parquet"]);
    assert.deepEqual(
      await Deno.readFile(join(folder, "data", "train-1.parquet")),
      files["data/train-1.parquet"],
    );
    const ref = join(cacheFolder, "datasets--texts", "refs", "refs", "convert", "parquet");
    assert.equal(await Deno.readTextFile(ref), commit);

    assert.equal(await fetchDataset("texts", { ...options, revision: commit }), folder);
    assert.deepEqual([...(await tree(folder)).keys()], Object.keys(files).sort());
  });
});

Deno.test("a hub that lists no checksums is asked for those of each file", async () => {
  await withHub(async ({ hub, options }) => {
    hub.tellsBlobs = false;
    hub.serve("owner/tiny", modelFiles);
    const folder = await fetchModel("owner/tiny", options);
    const asked = hub.requests.filter(({ method }) => method === "HEAD");
    assert.equal(asked.length, 4);
    assert.ok(asked.every(({ toStorage }) => !toStorage));
    const real = await Deno.realPath(join(folder, "model.safetensors"));
    assert.ok(real.endsWith(`/blobs/${sha256(modelFiles["model.safetensors"])}`));
    const config = await Deno.realPath(join(folder, "config.json"));
    assert.ok(config.endsWith(`/blobs/${gitSha(modelFiles["config.json"])}`));
  });
});

Deno.test("when a revision moves on, only what changed is fetched, and until then the old one serves", async () => {
  await withHub(async ({ hub, options }) => {
    hub.serve("owner/tiny", modelFiles);
    const old = await fetchModel("owner/tiny", options);
    const commit = hub.serve("owner/tiny", { ...modelFiles, "config.json": "{  }" });
    hub.fail({ at: "config.json", change: (data) => data.map(() => 0), times: 9 });
    await assert.rejects(fetchModel("owner/tiny", options), /has another checksum/);
    assert.equal(await fetchModel("owner/tiny", { ...options, offline: true }), old);

    hub.repair();
    hub.requests.length = 0;
    const folder = await fetchModel("owner/tiny", options);
    assert.ok(folder.endsWith(commit));
    assert.equal(await Deno.readTextFile(join(folder, "config.json")), "{  }");
    assert.equal((await namesIn(folder)).length, 4);
    assert.ok(hub.requests.every(({ path }) => !path.includes("model.safetensors")));
    assert.equal(await fetchModel("owner/tiny", { ...options, offline: true }), folder);
  });
});

Deno.test("a file that another tool put into the cache is used, and a link to nothing is mended", async () => {
  await withHub(async ({ hub, cacheFolder, options }) => {
    const commit = hub.serve("owner/tiny", modelFiles);
    const folder = join(cacheFolder, "models--owner--tiny");
    const snapshot = join(folder, "snapshots", commit);
    await Deno.mkdir(snapshot, { recursive: true });
    await Deno.mkdir(join(folder, "blobs"));
    const blob = join("blobs", sha256(modelFiles["model.safetensors"]));
    await Deno.writeFile(join(folder, blob), modelFiles["model.safetensors"]);
    await Deno.symlink("../../blobs/none", join(snapshot, "config.json"));
    await Deno.writeTextFile(join(snapshot, "tokenizer.json"), "{}");
    await fetchModel("owner/tiny", options);
    const fetched = hub.requests.filter(({ path }) => path.includes("resolve"));
    assert.deepEqual(
      fetched.map(({ path }) => path.split("/").at(-1)),
      ["config.json", "tokenizer_config.json"],
    );
    assert.equal(
      await Deno.readTextFile(join(snapshot, "config.json")),
      modelFiles["config.json"],
    );
    assert.equal(await Deno.readLink(join(snapshot, "model.safetensors")), `../../${blob}`);
  });
});

Deno.test("endpoint, token, cache and offline mode come from the environment, as for huggingface_hub", () => {
  const within = (variables: Record<string, string>) => {
    const { endpoint, token, cacheFolder, offline } = hubSettings({}, (name) => variables[name]);
    return { endpoint, token, cacheFolder, offline };
  };
  assert.deepEqual(within({}), {
    endpoint: "https://huggingface.co",
    token: undefined,
    cacheFolder: join(homedir(), ".cache/huggingface/hub"),
    offline: false,
  });
  assert.deepEqual(
    within({ HF_ENDPOINT: "http://h:1/", HF_TOKEN: "t\n", HF_HOME: "/hf", HF_HUB_OFFLINE: "1" }),
    { endpoint: "http://h:1", token: "t", cacheFolder: "/hf/hub", offline: true },
  );
  const caches = { HF_HUB_CACHE: "/cache", HUGGINGFACE_HUB_CACHE: "/old", HF_HOME: "/hf" };
  assert.equal(within(caches).cacheFolder, "/cache");
  assert.equal(within({ ...caches, HF_HUB_CACHE: "" }).cacheFolder, "/old");
  assert.equal(within({ HF_HOME: "~/hf" }).cacheFolder, join(homedir(), "hf/hub"));
  assert.equal(within({ XDG_CACHE_HOME: "/x" }).cacheFolder, "/x/huggingface/hub");
  assert.throws(() => within({ HF_ENDPOINT: "hub" }), {
    name: "TypeError",
    message: "The address of the hub, 'hub', is not one: correct HF_ENDPOINT, such as " +
      "https://huggingface.co.",
  });
});
