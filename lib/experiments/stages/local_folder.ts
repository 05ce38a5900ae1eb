import { createHash } from "node:crypto";
import { join } from "node:path";
import { copyFile } from "../../files/copy_file.ts";
import { cannotRead } from "../../files/file_errors.ts";
import { defineStage, type Stage } from "../../stages/stage.ts";
import { fileHash } from "../provenance.ts";
import { filesBelow } from "./hub_stages.ts";

/**
 * A copy of a folder as it is now, so that what is made with it can be told from what is made with another content.
 *
 * @param inside other folders that are copied into it, by their names there.
 * @throws {Error} if one cannot be read.
 */
export async function localFolder(
  name: string,
  path: string,
  inside: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const files = await copiesOf(path, "");
  for (const [part, folder] of Object.entries(inside)) {
    files.push(...await copiesOf(folder, `${part}/`));
  }
  const hash = createHash("sha256");
  let bytes = 0;
  for (const { from, to } of files) {
    hash.update(`${to} ${await fileHash(from)}\n`);
    bytes += (await Deno.stat(from)).size;
  }
  return defineStage({
    kind: "local-folder/1",
    title: `Copying ${name}`,
    settings: { content: hash.digest("hex").slice(0, 16) },
    needs: {},
    onDevice: false,
    cost: { seconds: bytes / 1e8, disk: bytes, memory: 1e8 },
    async make(folder) {
      for (const { from, to } of files) await copyFile(from, join(folder, to));
    },
  });
}

/** A file, and where it is copied to in the result. */
interface Copy {
  readonly from: string;
  readonly to: string;
}

async function copiesOf(folder: string, prefix: string): Promise<Copy[]> {
  const files = await filesBelow(folder).catch((cause) => {
    throw cannotRead(folder, cause);
  });
  return files.map((file) => ({ from: join(folder, file), to: prefix + file }));
}
