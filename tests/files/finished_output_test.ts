import assert from "node:assert/strict";
import { join } from "node:path";
import { keepFinished } from "../../lib/files/finished_output.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("what is finished is kept unless it may be replaced, and an empty file is nothing finished", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "texts.jsonl");
    await keepFinished(path, false);
    await Deno.writeTextFile(path, "");
    await keepFinished(path, false);
    await keepFinished(folder, false, path);
    await Deno.writeTextFile(path, "{}\n");
    await keepFinished(path, true);
    const refusal = (named: string) => ({
      name: "Error",
      message: `'${named}' is there already, and finished: use --overwrite (overwrite: true) to ` +
        "replace it, or another name.",
    });
    await assert.rejects(keepFinished(path, false), refusal(path));
    await assert.rejects(keepFinished(folder, false, path), refusal(folder));
  });
});
