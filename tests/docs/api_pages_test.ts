import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as armature from "../../mod.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("deno task docs writes a page of everything that mod.ts exports", async () => {
  await withTemporaryFolder(async (folder) => {
    const { tasks } = JSON.parse(await Deno.readTextFile(join(repository, "deno.json")));
    const [deno, ...args] = (tasks.docs.command as string).split(" ");
    assert.equal(deno, "deno");
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: args.map((arg) => arg.startsWith("--output=") ? `--output=${folder}` : arg),
      cwd: repository,
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const pages = new Set([...Deno.readDirSync(join(folder, "~"))].map(({ name }) => name));
    const names = [...Object.keys(armature), "GenerateOptions", "RunOptions"];
    assert.ok(names.length > 60);
    assert.deepEqual(names.filter((name) => !pages.has(`${name}.html`)), []);
  });
});
