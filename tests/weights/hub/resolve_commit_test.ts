import assert from "node:assert/strict";
import { fetchModel, modelFiles as wantedFiles, resolveCommit } from "../../../lib/weights/hub.ts";
import { bytes, modelFiles, withHub } from "./hub_cache.ts";

const repository = { kind: "model", name: "owner/tiny" } as const;

Deno.test("the commit of a revision is told by the hub, and no file is fetched for it", async () => {
  await withHub(async ({ hub, options }) => {
    const commit = hub.serve("owner/tiny", modelFiles);
    assert.equal(await resolveCommit(repository, wantedFiles, options), commit);
    assert.deepEqual(hub.requests.map(({ path }) => path), [
      "/api/models/owner/tiny/revision/main",
    ]);
    hub.serve("owner/tiny", { "config.json": "{}" });
    await assert.rejects(
      resolveCommit(repository, wantedFiles, options),
      /Cannot get the model 'owner\/tiny' from the hub: it has no model\.safetensors/,
    );
  });
});

Deno.test("offline, and where the hub cannot be asked, it is the commit in the cache, if that has the files", async () => {
  await withHub(async ({ hub, options }) => {
    const commit = hub.serve("owner/tiny", modelFiles);
    const offline = { ...options, offline: true };
    await assert.rejects(resolveCommit(repository, wantedFiles, offline), /it is not in the cache/);
    await fetchModel("owner/tiny", { ...options, files: ["config.json"] });
    await assert.rejects(resolveCommit(repository, wantedFiles, offline), /it has no model/);
    await fetchModel("owner/tiny", options);
    hub.serve("owner/tiny", { ...modelFiles, "model.safetensors": bytes(3) });
    assert.equal(await resolveCommit(repository, wantedFiles, offline), commit);
    hub.fail({ at: "/api/", status: 503, times: 100 });
    assert.equal(await resolveCommit(repository, wantedFiles, options), commit);
    hub.repair();
    assert.notEqual(await resolveCommit(repository, wantedFiles, options), commit);
  });
});
