import assert from "node:assert/strict";
import { join } from "node:path";
import { lockFolder } from "../../lib/files/folder_lock.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("a folder has one writer at a time, and the next is told at once who it is", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = join(parent, "a", "b");
    {
      await using _ = await lockFolder(folder);
      await assert.rejects(lockFolder(folder), {
        name: "Error",
        message: new RegExp(
          `^Another run writes '${folder}' at this moment \\(process ${Deno.pid} on .+, since .+\\): ` +
            "wait until it has ended, or use another folder.$",
        ),
      });
      await Deno.writeTextFile(join(folder, "model"), "");
    }
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["model"]);
    await using again = await lockFolder(folder);
    assert.ok(again);
  });
});

Deno.test("the lock of a process that was killed holds nobody up", async () => {
  await withTemporaryFolder(async (folder) => {
    const holder = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-check",
        `import { lockFolder } from ${
          JSON.stringify(import.meta.resolve("../../lib/files/folder_lock.ts"))
        };
         await lockFolder(${
          JSON.stringify(folder)
        }); console.log("locked"); setInterval(() => {}, 1000);`,
      ],
      stdout: "piped",
    }).spawn();
    const lines = holder.stdout.getReader();
    await lines.read();
    await assert.rejects(lockFolder(folder), { message: new RegExp(`process ${holder.pid} on`) });
    holder.kill("SIGKILL");
    await holder.status;
    await lines.cancel();
    await using lock = await lockFolder(folder);
    assert.ok(lock);
  });
});

Deno.test("a folder that was made for nothing goes with its lock", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = join(parent, "out");
    await (await lockFolder(folder))[Symbol.asyncDispose]();
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
    await (await lockFolder(parent))[Symbol.asyncDispose]();
    assert.ok((await Deno.stat(parent)).isDirectory);
  });
});
