import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { outcomeOf, refuse, runTask, tasksWith } from "./run_task.ts";
import { writeTinyModels } from "./tiny_inputs.ts";
import { withHub } from "./with_hub.ts";

Deno.test("fetched models generate as their folders do, also by their names and without the network", async () => {
  await withHub(async (hub, parent, env) => {
    const { refuse, runTask } = tasksWith(env);
    const { base, arm } = await writeTinyModels(parent);
    await hub.serveFolder("owner/base", base);
    await hub.serveFolder("owner/arm", arm);
    const rest = [
      ...["--prompt", "the film was", "--n", "2", "--max-tokens", "4", "--device", "cpu"],
      ...["--label", "positive"],
    ];
    const named = ["--base", "owner/base", "--reward", "owner/arm", ...rest];
    const { stdout: expected } = await runTask(
      "generate",
      "--base",
      base,
      "--reward",
      arm,
      ...rest,
    );
    await refuse(
      1,
      /owner\/base'.* may not use the network.*deno task fetch/,
      "generate",
      ...named,
    );
    const { stdout: folder, stderr } = await runTask("fetch", "model", "owner/base");
    assert.equal(stderr, "");
    assert.deepEqual(
      await Deno.readFile(join(folder.trim(), "model.safetensors")),
      await Deno.readFile(join(base, "model.safetensors")),
    );
    await refuse(1, /owner\/arm'.* may not use the network/, "generate", ...named);
    assert.equal((await runTask("generate:net", ...named)).stdout, expected);
    assert.equal((await runTask("generate", ...named)).stdout, expected);
  });
});

Deno.test("fetch takes revisions and files, and says what is wrong", async () => {
  await withHub(async (hub, _, env) => {
    const { refuse, runTask } = tasksWith(env);
    const files = { "train.jsonl": "{}\n", "test.jsonl": "[]\n" };
    hub.serve("owner/texts", files, { kind: "dataset", revision: "v1" });
    const { stdout } = await runTask(
      ...["fetch", "dataset", "owner/texts", "--revision", "v1", "--file", "te*"] as const,
    );
    assert.deepEqual([...Deno.readDirSync(stdout.trim())].map(({ name }) => name), ["test.jsonl"]);
    const dataset = ["fetch", "dataset", "owner/texts"] as const;
    await refuse(1, /it has no revision 'main'/, ...dataset);
    await refuse(1, /no file 'x': choose among/, ...dataset, "--revision", "v1", "--file", "x");
    await refuse(
      1,
      /the model 'owner\/texts' from the hub: there is none/,
      "fetch",
      "model",
      "owner/texts",
    );
    await refuse(1, /'\.\.\/x' cannot be a name on the hub/, "fetch", "model", "../x");
    await refuse(2, /missing required argument 'name'/, "fetch", "model");
    const astray = tasksWith({ ...env, HF_ENDPOINT: "nowhere" });
    await astray.refuse(1, /the hub, 'nowhere', is not one: correct HF_ENDPOINT/, ...dataset);
  });
});

Deno.test({
  name: "a fetch that is stopped goes on when it is started again",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withHub(async (hub, _, env) => {
      const { runTask, startTask } = tasksWith(env);
      const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => i % 241);
      hub.serve("owner/big", { "a.bin": bytes });
      const reached = Promise.withResolvers<void>();
      hub.fail({ at: "a.bin", silentAfter: 20_000, onRequest: () => reached.resolve() });
      const fetching = ["fetch", "model", "owner/big", "--file", "a.bin"] as const;
      const child = startTask(fetching[0], fetching.slice(1));
      await reached.promise;
      await new Promise((resolve) => setTimeout(resolve, 500));
      child.kill("SIGINT");
      const { code, stdout, stderr } = await outcomeOf(child);
      assert.deepEqual([code, stdout, stderr], [
        130,
        "",
        "Stopped; the same command goes on from there.\n",
      ]);
      const { stdout: folder } = await runTask(...fetching);
      assert.deepEqual(await Deno.readFile(join(folder.trim(), "a.bin")), bytes);
      const ranges = hub.requests.filter(({ toStorage }) => toStorage).map(({ range }) => range);
      assert.deepEqual(ranges, [null, "bytes=20000-"]);
    });
  },
});

Deno.test("a published state dict is imported, or refused", async () => {
  const files = fileURLToPath(new URL("../weights/pytorch/files", import.meta.url));
  await withTemporaryFolder(async (folder) => {
    const out = join(folder, "out");
    const rest = ["--config", files, "--labels", "kind", "rude", "--out", out];
    const rad = ["import", "--kind", "rad", "--checkpoint", join(files, "rad.bin")] as const;
    await runTask(...rad, ...rest);
    const { armature } = JSON.parse(await Deno.readTextFile(join(out, "config.json")));
    assert.deepEqual(armature, { kind: "rad", labels: ["kind", "rude"] });
    const elsewhere = [...rest, "--out", join(folder, "elsewhere")];
    const [kind, value] = ["--kind", "arm"];
    await refuse(
      1,
      /rad\.bin' is not the state dict of such a model/,
      ...rad,
      kind,
      value,
      ...elsewhere,
    );
    await refuse(1, /is there already, and finished: use --overwrite/, ...rad, ...rest);
    const missing = /config\.json': there is no such file/;
    await refuse(1, missing, ...rad, ...elsewhere, "--config", folder);
    await refuse(
      2,
      /'--labels <name\.\.\.>' not specified/,
      ...rad,
      "--config",
      files,
      "--out",
      out,
    );
    await refuse(2, /'mlp' is invalid: .*rad, arm/, ...rad, ...rest, "--kind", "mlp");
  });
});
