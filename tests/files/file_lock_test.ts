import assert from "node:assert/strict";
import { join } from "node:path";
import { lockFile } from "../../lib/files/file_lock.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("only one at a time has the lock of a file, and the next gets it when it is given back", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.lock");
    let holders = 0;
    await Promise.all(Array.from({ length: 5 }, async () => {
      using lock = await lockFile(path);
      assert.ok(lock);
      assert.equal(++holders, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      holders--;
    }));
  });
});

Deno.test("waiting for a lock can be stopped", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.lock");
    using _ = await lockFile(path);
    const waiting = lockFile(path, { signal: AbortSignal.timeout(50) });
    await assert.rejects(waiting, { name: "TimeoutError" });
  });
});

Deno.test("a lock file that its holder removes, as other programs do, is not taken for the one that is there", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.lock");
    const first = await lockFile(path);
    const second = lockFile(path);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await Deno.remove(path);
    first![Symbol.dispose]();
    using lock = await second;
    assert.ok(lock);
    // it is that of the file now there, so that a third one waits
    await assert.rejects(lockFile(path, { signal: AbortSignal.timeout(50) }), {
      name: "TimeoutError",
    });
  });
});

Deno.test("a lock in a folder that is not there is refused in one sentence", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "none", "a.lock");
    await assert.rejects(lockFile(path), {
      message: /a\.lock': the folder '.*none' does not exist/,
    });
  });
});
