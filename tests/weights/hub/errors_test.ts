import assert from "node:assert/strict";
import { join } from "node:path";
import { fetchDataset } from "../../../lib/weights/hub/fetch_dataset.ts";
import { fetchModel, type FetchOptions } from "../../../lib/weights/hub/fetch_model.ts";
import { closedAddress } from "../../closed_port.ts";
import { onTinyDisk, tinyDiskAllowed } from "../../tiny_disk.ts";
import { bytes, modelFiles, withHub } from "./hub_cache.ts";

/** Fetches a model, which must end with this sentence. */
async function refuse(name: string, options: FetchOptions, reason: RegExp): Promise<void> {
  await assert.rejects(fetchModel(name, options), ({ message }: Error) => {
    assert.match(message, reason);
    assert.match(message, /^[^\n]+[^.]\.$/);
    return true;
  });
}

Deno.test("what is missing is named: the repository, the revision or the file", async () => {
  await withHub(async ({ hub, options }) => {
    hub.serve("owner/tiny", modelFiles);
    hub.serve("owner/notes", { "a.md": "a" });
    await refuse(
      "owner/none",
      options,
      /^Cannot get the model 'owner\/none' from the hub: there is none of that name that everybody may see: check the name, or set HF_TOKEN to a token of yours\.$/,
    );
    await refuse(
      "owner/none",
      { ...options, token: "t" },
      /: there is none of that name at http:\/\/127\.0\.0\.1:\d+: check the name\.$/,
    );
    await refuse(
      "owner/tiny",
      { ...options, revision: "v2" },
      /: it has no revision 'v2': check the name of the branch or tag/,
    );
    await refuse(
      "owner/tiny",
      { ...options, files: ["modell.bin"] },
      /: it has no file 'modell\.bin': choose among its 7 files, such as config\.json, model\.s/,
    );
    await refuse(
      "owner/notes",
      options,
      /: it has no model\.safetensors or pytorch_model\.bin: name/,
    );
    await assert.rejects(fetchDataset("owner/tiny", options), {
      message: /^Cannot get the data set 'owner\/tiny' from the hub: there is none of that name/,
    });
    // a mirror that says no more than the status
    hub.fail({ at: "/revision/v2", status: 404 });
    await refuse("owner/tiny", { ...options, revision: "v2" }, /: it has no revision 'v2'/);
    hub.fail({ at: "/api", status: 404, times: 2 });
    await refuse("owner/tiny", { ...options, revision: "v2" }, /: there is none of that name at /);
    hub.tellsBlobs = false;
    hub.fail({ at: "config.json", status: 404 });
    await refuse("owner/tiny", options, /: it lists a file 'config\.json' and does not have it/);
  });
});

Deno.test("what is private needs a token, which no other host gets to see; what is gated needs more", async () => {
  await withHub(async ({ hub, options }) => {
    hub.serve("owner/private", modelFiles, { token: "secret" });
    await refuse("owner/private", options, /that everybody may see: .*set HF_TOKEN/);
    await refuse(
      "owner/private",
      { ...options, token: "other" },
      /that the token in HF_TOKEN may see/,
    );
    hub.requests.length = 0;
    await fetchModel("owner/private", { ...options, token: "secret" });
    const storage = hub.requests.filter(({ toStorage }) => toStorage);
    assert.equal(storage.length, 1);
    assert.ok(storage.every(({ token }) => token === null));
    assert.ok(hub.requests.every(({ token, toStorage }) => toStorage || token === "Bearer secret"));
    hub.serve("owner/gated", modelFiles, { gated: true });
    await refuse(
      "owner/gated",
      options,
      /only for those who were granted access: ask for it at http:.*\/owner\/gated, and set HF_TOKEN/,
    );
  });
});

Deno.test("names, revisions and files that would leave the cache are refused", async () => {
  await withHub(async ({ hub, parent, options }) => {
    for (const name of ["../a", "a/b/c", "a--b", ""]) {
      await refuse(name, options, /cannot be a name on the hub/);
    }
    for (const revision of ["..", "a/../../b", "/a", "a\\b", ""]) {
      await refuse("owner/tiny", { ...options, revision }, /cannot be a revision/);
    }
    assert.equal(hub.requests.length, 0);
    for (const file of ["../../../escaped", "/escaped", "a\\..\\b", "a//b"]) {
      hub.serve("owner/bad", { ...modelFiles, [file]: "x" });
      await refuse(
        "owner/bad",
        { ...options, files: ["*"] },
        /: it has a file of the name ".*escaped|a.*", which would leave its folder: do not use it/,
      );
    }
    assert.deepEqual([...Deno.readDirSync(parent)], []);
  });
});

Deno.test("a hub that has too much to do is asked again when it says, and not for ever", async () => {
  await withHub(async ({ hub, options }) => {
    hub.serve("owner/tiny", modelFiles);
    const times: number[] = [];
    const onRequest = () => times.push(performance.now());
    hub.fail({ status: 429, headers: { "retry-after": "1" }, onRequest });
    hub.fail({ status: 503, times: 2, onRequest });
    hub.fail({ at: "model.safetensors", status: 500, onRequest });
    await fetchModel("owner/tiny", options);
    assert.equal(times.length, 4);
    assert.ok(times[1] - times[0] >= 990, `${times[1] - times[0]} ms`);

    const fresh = { ...options, cacheFolder: join(options.cacheFolder, "fresh") };
    hub.fail({ status: 429, headers: { "retry-after": "3600" } });
    const reason = /: the hub allows no more requests for now \(429\): try again in 3600 s\.$/;
    await refuse("owner/tiny", fresh, reason);
    hub.fail({ status: 429, headers: { ratelimit: '"api";r=0;t=271' } });
    await refuse("owner/tiny", fresh, /429\): try again in 271 s/);
    const later = new Date(Date.now() + 500_000).toUTCString();
    hub.fail({ status: 429, headers: { "retry-after": later } });
    await refuse("owner/tiny", fresh, /429\): try again in (499|500) s/);
    hub.requests.length = 0;
    hub.fail({ status: 500, times: 5 });
    await refuse("owner/tiny", fresh, /: http:.* answers with the error 500: try again later/);
    assert.equal(hub.requests.length, 5);
  });
});

Deno.test("a hub that is not there, is silent or is none is an error, unless the cache has what is wanted", async () => {
  await withHub(async ({ hub, cacheFolder, options }) => {
    hub.serve("owner/tiny", modelFiles);
    const elsewhere = { ...options, endpoint: closedAddress() };
    await refuse(
      "owner/tiny",
      elsewhere,
      /: the connection to 127\.0\.0\.1:\d+ failed \(.*refused.*\): check the network, and the address in HF_ENDPOINT/,
    );
    hub.fail({ at: "model.safetensors", silentAfter: 10, times: 2 });
    const impatient = { ...options, patience: 0.2, tries: 2 };
    await refuse(
      "owner/tiny",
      impatient,
      /: 127\.0\.0\.1:\d+ was silent for 0\.2 s: check the network/,
    );

    const folder = await fetchModel("owner/tiny", options);
    assert.equal(await fetchModel("owner/tiny", elsewhere), folder);
    assert.equal(await fetchModel("owner/tiny", { ...options, offline: true }), folder);
    hub.fail({ status: 500 });
    assert.equal(await fetchModel("owner/tiny", options), folder);

    const offline = { ...options, offline: true };
    hub.requests.length = 0;
    await refuse("owner/tiny", { ...offline, files: ["README.md"] }, /has no file 'README\.md'/);
    await refuse(
      "owner/other",
      offline,
      /: it is not in the cache '.*' at revision 'main', and HF_HUB_OFFLINE forbids to ask: unset it/,
    );
    assert.equal(hub.requests.length, 0);
    await Deno.remove(cacheFolder, { recursive: true });

    await using none = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      ({ url }) => url.includes("loop") ? Response.redirect(url) : new Response("<html>"),
    );
    const address = `http://127.0.0.1:${none.addr.port}`;
    const isNone = /: its answer is not JSON: check the address in HF_ENDPOINT/;
    await refuse("owner/tiny", { ...options, endpoint: address }, isNone);
    await refuse("owner/loop", { ...options, endpoint: address }, /without end: check http:/);
  });
});

Deno.test({
  name: "a full disk is said (needs the right to mount a tmpfs)",
  ignore: !tinyDiskAllowed,
  fn: async () => {
    await withHub(async ({ hub, options }) => {
      hub.serve("owner/tiny", { ...modelFiles, "model.safetensors": bytes(200_000) });
      await onTinyDisk(async (cacheFolder) => {
        await refuse(
          "owner/tiny",
          { ...options, cacheFolder },
          /^Cannot get the model 'owner\/tiny' from the hub: Cannot write '.*': the disk is full, so free some space/,
        );
      });
    });
  },
});
