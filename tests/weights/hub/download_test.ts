import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchModel } from "../../../lib/weights/hub/fetch_model.ts";
import { bytes, type HubSetting, modelFiles, namesIn, withHub } from "./hub_cache.ts";

const weights = bytes(100_000);
const name = "model.safetensors";
const files = { ...modelFiles, [name]: weights };
const etag = createHash("sha256").update(weights).digest("hex");

/** The ranges that the storage was asked for. */
const ranges = ({ hub }: HubSetting) =>
  hub.requests.filter(({ toStorage }) => toStorage).map(({ range }) => range);

const blobs = ({ cacheFolder }: HubSetting) => join(cacheFolder, "models--owner--tiny", "blobs");

/** Fetches the model, which must then be whole, with nothing else beside it. */
async function fetchWhole(setting: HubSetting): Promise<void> {
  const folder = await fetchModel("owner/tiny", setting.options);
  assert.deepEqual(await Deno.readFile(join(folder, name)), weights);
  const left = (await namesIn(blobs(setting))).filter((name) =>
    !/^([0-9a-f]{40}){1,2}$/.test(name)
  );
  assert.deepEqual(left.filter((name) => name !== etag), []);
}

Deno.test("a broken download goes on where it broke", async () => {
  await withHub(async (setting) => {
    setting.hub.serve("owner/tiny", files);
    setting.hub.fail({ at: name, breakAfter: 30_000, times: 2 });
    await fetchWhole(setting);
    assert.deepEqual(ranges(setting), [null, "bytes=30000-", "bytes=60000-"]);
  });
});

Deno.test("a download goes on from what an earlier one left, and begins anew where that was wrong", async () => {
  await withHub(async (setting) => {
    setting.hub.serve("owner/tiny", files);
    setting.hub.fail({ at: name, breakAfter: 40_000, times: 9 });
    const once = { ...setting.options, tries: 1 };
    await assert.rejects(fetchModel("owner/tiny", once), {
      message:
        /^Cannot get the model 'owner\/tiny' from the hub: the connection to 127\.0\.0\.1:\d+ was lost .* to go on where it stopped\.$/,
    });
    const incomplete = join(blobs(setting), `${etag}.incomplete`);
    assert.equal((await Deno.stat(incomplete)).size, 40_000);
    await assert.rejects(fetchModel("owner/tiny", once));
    assert.equal((await Deno.stat(incomplete)).size, 80_000);
  });
  for (
    const left of [
      weights.subarray(0, 70_000),
      new Uint8Array(70_000),
      bytes(200_000),
      new Uint8Array(100_000),
      weights,
    ]
  ) {
    await withHub(async (setting) => {
      setting.hub.serve("owner/tiny", files);
      await Deno.mkdir(blobs(setting), { recursive: true });
      await Deno.writeFile(join(blobs(setting), `${etag}.incomplete`), left);
      await fetchWhole(setting);
      const right = left.length <= weights.length && left.every((byte, i) => byte === weights[i]);
      const expected = right
        ? left.length === weights.length ? [] : ["bytes=70000-"]
        : left.length < weights.length
        ? ["bytes=70000-", null]
        : [null];
      assert.deepEqual(ranges(setting), expected);
    });
  }
});

Deno.test("a hub that knows no ranges sends it all again", async () => {
  await withHub(async (setting) => {
    setting.hub.serve("owner/tiny", files);
    setting.hub.fail({ at: name, breakAfter: 30_000 });
    setting.hub.fail({ at: name, ignoreRange: true });
    await fetchWhole(setting);
    assert.deepEqual(ranges(setting), [null, "bytes=30000-"]);
  });
});

Deno.test("wrong bytes, more bytes and fewer bytes are never kept", async () => {
  const changes: [(data: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>, RegExp][] = [
    [
      (data) => data.map((byte, i) => i === 77_777 ? byte ^ 1 : byte),
      /'model\.safetensors' has another checksum than the hub says/,
    ],
    [(data) => Uint8Array.of(...data, 1), /100001 bytes come of .*, where the hub says 100000/],
    [(data) => data.slice(0, -1), /99999 bytes come of .*, where the hub says 100000/],
  ];
  for (const [change, reason] of changes) {
    await withHub(async (setting) => {
      setting.hub.serve("owner/tiny", files);
      setting.hub.fail({ at: name, change });
      await fetchWhole(setting);
    });
    await withHub(async (setting) => {
      setting.hub.serve("owner/tiny", files);
      setting.hub.fail({ at: name, change, times: 9 });
      await assert.rejects(fetchModel("owner/tiny", setting.options), (error: Error) => {
        assert.match(error.message, reason);
        assert.match(error.message, /: try again later\.$/);
        return true;
      });
      assert.ok(!(await namesIn(blobs(setting))).includes(etag));
      assert.ok(setting.hub.requests.length < 20);
    });
  }
});

Deno.test("a small file of git is checked as well", async () => {
  await withHub(async ({ hub, options }) => {
    hub.serve("owner/tiny", files);
    hub.fail({ at: "config.json", change: (data) => data.map((byte) => byte ^ 1), times: 9 });
    await assert.rejects(fetchModel("owner/tiny", options), /'config\.json' has another checksum/);
  });
});

Deno.test("an aborted fetch ends at once, and the next one goes on there", async () => {
  await withHub(async (setting) => {
    setting.hub.serve("owner/tiny", files);
    setting.hub.fail({ at: name, silentAfter: 25_000 });
    const controller = new AbortController();
    const fetching = fetchModel("owner/tiny", { ...setting.options, signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    const began = performance.now();
    await assert.rejects(fetching, { name: "AbortError" });
    assert.ok(performance.now() - began < 2000);
    // so does one that waits for its next try
    setting.hub.fail({ status: 429, headers: { "retry-after": "60" } });
    const signal = AbortSignal.timeout(100);
    await assert.rejects(fetchModel("owner/tiny", { ...setting.options, signal }), {
      name: "TimeoutError",
    });
    await fetchWhole(setting);
    assert.equal(ranges(setting).at(-1), "bytes=25000-");
  });
});

Deno.test("many that want one model at the same time get it, and it is fetched once", async () => {
  await withHub(async (setting) => {
    setting.hub.serve("owner/tiny", files);
    await Promise.all(Array.from({ length: 8 }, () => fetchWhole(setting)));
    assert.deepEqual(ranges(setting), [null]);
  });
});

const root = fileURLToPath(new URL("../../..", import.meta.url));
const module = new URL("../../../lib/weights/hub/fetch_model.ts", import.meta.url).href;

/** A process that fetches the model. */
function startFetching({ options }: HubSetting): Deno.ChildProcess {
  const program = `import { fetchModel } from ${JSON.stringify(module)};
    await fetchModel("owner/tiny", ${JSON.stringify(options)});`;
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"],
      ...[
        "--config",
        join(root, "deno.json"),
        "--allow-net=127.0.0.1",
        `data:application/typescript,${encodeURIComponent(program)}`,
      ],
    ],
    cwd: root,
    stderr: "inherit",
  }).spawn();
}

Deno.test("processes that are killed while they fetch leave nothing wrong, and others take over", async () => {
  await withHub(async (setting) => {
    setting.hub.serve("owner/tiny", files);
    const reached = Promise.withResolvers<void>();
    setting.hub.fail({ at: name, silentAfter: 50_000, onRequest: () => reached.resolve() });
    const first = startFetching(setting);
    await reached.promise;
    // waits for the lock of the first
    const second = startFetching(setting);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.ok(!(await namesIn(blobs(setting))).includes(etag));
    first.kill("SIGKILL");
    await first.status;
    assert.ok((await second.status).success);
    assert.deepEqual(ranges(setting), [null, "bytes=50000-"]);
    setting.hub.requests.length = 0;
    await fetchWhole(setting);
    assert.equal(setting.hub.requests.length, 1);
  });
});
