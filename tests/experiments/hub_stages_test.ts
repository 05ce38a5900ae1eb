import assert from "node:assert/strict";
import { join } from "node:path";
import { fetched, filesBelow } from "../../lib/experiments/stages/hub_stages.ts";
import { keyOf } from "../../lib/stages/stage.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { filesNamed } from "../../lib/weights/hub.ts";
import { withHub } from "../cli/with_hub.ts";
import type { HubServer } from "../hub_server.ts";
import { cpu } from "../run_graph.ts";
import { withEnvironment } from "../with_environment.ts";

const source = { name: "owner/texts", revision: "main", bytes: 100 };
const context = { device: cpu, signal: new AbortController().signal };
const fetching = () => fetched("dataset", source, filesNamed(["data/*"]), "data");
const dataset = { kind: "dataset" } as const;

/** Runs `test` with a hub that this process's environment names: stages find out by themselves what to fetch. */
const withHubHere = (test: (hub: HubServer, parent: string) => Promise<void>) =>
  withHub((hub, parent, env) => withEnvironment(env, () => test(hub, parent)));

Deno.test("what is fetched is named by its commit, and stays when the cache is cleared", async () => {
  await withHubHere(async (hub, parent) => {
    const commit = hub.serve("owner/texts", { "data/a.txt": "a", "b.txt": "b" }, dataset);
    const stage = await fetching();
    assert.deepEqual(stage.settings, {
      kind: "dataset",
      name: "owner/texts",
      commit,
      wanted: "data",
    });
    const [folder] = await new StageStore(join(parent, "stages")).run([stage], context);
    assert.deepEqual(await filesBelow(folder), ["data/a.txt", "stage.json"]);

    // offline the cache says which commit it is
    await withEnvironment({ HF_HUB_OFFLINE: "1" }, async () => {
      assert.equal(keyOf(await fetching(), cpu), keyOf(stage, cpu));
    });
    await Deno.remove(join(parent, "cache"), { recursive: true });
    assert.equal(await Deno.readTextFile(join(folder, "data", "a.txt")), "a");
  });
});

Deno.test("a branch that moves on is another result; one that moved since it was planned is not mistaken for it", async () => {
  await withHubHere(async (hub, parent) => {
    hub.serve("owner/texts", { "data/a.txt": "a" }, dataset);
    const planned = await fetching();
    hub.serve("owner/texts", { "data/a.txt": "changed" }, dataset);
    const store = new StageStore(join(parent, "stages"));
    const [before, after] = await store.run([planned, await fetching()], context);
    assert.equal(await Deno.readTextFile(join(before, "data", "a.txt")), "a");
    assert.equal(await Deno.readTextFile(join(after, "data", "a.txt")), "changed");
  });
});

Deno.test("what cannot be told when it is planned is lacking, and why", async () => {
  await withHubHere(async (hub, parent) => {
    const store = new StageStore(join(parent, "stages"));
    const missing = await fetching();
    assert.match(
      missing.lacks!,
      /Cannot get the data set 'owner\/texts' from the hub: there is none/,
    );
    await assert.rejects(store.run([missing], context), { message: missing.lacks });
    hub.serve("owner/texts", { "a.txt": "a" }, dataset);
    assert.match((await fetching()).lacks!, /it has no file 'data\/\*': choose among its 1 files/);
  });
});
