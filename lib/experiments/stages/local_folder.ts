import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { cannotRead } from "../../files/file_errors.ts";
import { defineStage, type Stage } from "../../stages/stage.ts";
import { makeFolder } from "../../files/make_folder.ts";
import { fileHash } from "../provenance.ts";
import { filesBelow } from "./hub_stages.ts";

/**
 * A copy of a folder as it is now, so that what is made with it can be told from what is made with another content.
 *
 * @throws {Error} if it cannot be read.
 */
export async function localFolder(name: string, path: string): Promise<Stage> {
  const files = await filesBelow(path).catch((cause) => {
    throw cannotRead(path, cause);
  });
  const hash = createHash("sha256");
  let bytes = 0;
  for (const file of files) {
    hash.update(`${file} ${await fileHash(join(path, file))}\n`);
    bytes += (await Deno.stat(join(path, file))).size;
  }
  return defineStage({
    kind: "local-folder/1",
    title: `Copying ${name}`,
    settings: { content: hash.digest("hex").slice(0, 16) },
    needs: {},
    cost: { seconds: bytes / 1e8, disk: bytes, memory: 1e8 },
    async make(folder) {
      for (const file of files) {
        await makeFolder(dirname(join(folder, file)));
        await Deno.copyFile(join(path, file), join(folder, file));
      }
    },
  });
}
