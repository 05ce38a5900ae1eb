import assert from "node:assert/strict";
import { join } from "node:path";
import { removeAbandoned, writeAtomically } from "../../lib/files/atomic_write.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { onTinyDisk, tinyDiskAllowed } from "../tiny_disk.ts";

const encoder = new TextEncoder();

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
}

Deno.test("a file is written from text, bytes, chunks and asynchronous chunks", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    const chunks = ["one ", "", "two"].map((text) => encoder.encode(text));
    async function* later() {
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    }
    for (const data of ["one two", encoder.encode("one two"), chunks, later()]) {
      await writeAtomically(path, data);
      assert.equal(await Deno.readTextFile(path), "one two");
      await writeAtomically(path, "");
      assert.equal(await Deno.readTextFile(path), "");
    }
    assert.deepEqual(namesIn(folder), ["file"]);
  });
});

Deno.test("a failure midway leaves the old file, no temporary file, and the cause", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    await writeAtomically(path, "old");
    function* failing() {
      yield encoder.encode("new");
      throw new RangeError("midway");
    }
    await assert.rejects(writeAtomically(path, failing()), new RangeError("midway"));
    assert.equal(await Deno.readTextFile(path), "old");
    assert.deepEqual(namesIn(folder), ["file"]);
  });
});

Deno.test("until the rename, readers see the old file", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    await writeAtomically(path, "old");
    function* observing() {
      yield encoder.encode("new ");
      assert.equal(Deno.readTextFileSync(path), "old");
      yield encoder.encode("content");
    }
    await writeAtomically(path, observing());
    assert.equal(await Deno.readTextFile(path), "new content");
  });
});

Deno.test("temporary files of writers that were killed are removed, those being written are not", async () => {
  await withTemporaryFolder(async (folder) => {
    const others = [".hidden", ".notes.tmp", "file.0123abcd.tmp", "old"];
    for (const name of [...others, ".model.safetensors.0123abcd.tmp"]) {
      await Deno.writeTextFile(join(folder, name), "");
    }
    async function* slowly() {
      yield encoder.encode("new");
      await removeAbandoned(folder);
    }
    await writeAtomically(join(folder, "file"), slowly());
    assert.deepEqual(namesIn(folder), [...others, "file"].sort());
    assert.equal(await Deno.readTextFile(join(folder, "file")), "new");
  });
});

Deno.test("a folder that does not exist is named", async () => {
  await withTemporaryFolder(async (folder) => {
    await assert.rejects(writeAtomically(join(folder, "missing", "file"), "x"), {
      name: "Error",
      message: `Cannot write '${join(folder, "missing", "file")}': the folder ` +
        `'${join(folder, "missing")}' does not exist, so create it first`,
    });
  });
});

Deno.test("a folder in the place of the file is refused and left as it is", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "file");
    await Deno.mkdir(path);
    await assert.rejects(writeAtomically(path, "x"), /^Error: Cannot write '.*file': /);
    assert.deepEqual(namesIn(folder), ["file"]);
  });
});

Deno.test({
  name: "a full disk gives one sentence and leaves the old file (needs the right to mount a tmpfs)",
  ignore: !tinyDiskAllowed,
  fn: async () => {
    await onTinyDisk(async (folder) => {
      const path = join(folder, "file");
      await writeAtomically(path, "old");
      await assert.rejects(writeAtomically(path, new Uint8Array(1 << 20)), {
        name: "Error",
        message: `Cannot write '${path}': the disk is full, so free some space and try again ` +
          "(an existing file is unchanged)",
      });
      assert.equal(await Deno.readTextFile(path), "old");
      assert.deepEqual(namesIn(folder), ["file"]);
    });
  },
});
