import assert from "node:assert/strict";
import { join } from "node:path";
import { copyFile } from "../../lib/files/copy_file.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { onTinyDisk, tinyDiskAllowed } from "../tiny_disk.ts";

Deno.test("a file is copied byte for byte into a folder that is made, in place of one that is there", async () => {
  await withTemporaryFolder(async (folder) => {
    const [from, to] = [join(folder, "from"), join(folder, "new", "to")];
    for (const size of [300_001, 0]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
      await Deno.writeFile(from, bytes);
      await copyFile(from, to);
      assert.ok((await Deno.readFile(to)).every((byte, i) => byte === bytes[i]));
      assert.equal((await Deno.stat(to)).size, size);
    }
    await assert.rejects(
      copyFile(join(folder, "none"), to),
      /^Error: Cannot read '\S+none': there/,
    );
  });
});

Deno.test({
  name: "a copy that finds the disk full says so in one sentence, and is not there",
  ignore: !tinyDiskAllowed,
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const from = join(folder, "from");
      await Deno.writeFile(from, new Uint8Array(200_000));
      await onTinyDisk(async (disk) => {
        const copying = copyFile(from, join(disk, "to"));
        await assert.rejects(copying, /^Error: Cannot write '\S+to': the disk is full, so free /);
        assert.deepEqual([...Deno.readDirSync(disk)], []);
      });
    });
  },
});
