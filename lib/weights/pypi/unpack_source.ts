import { createTarDecoder } from "modern-tar";
import { dirname, join } from "node:path";
import { makeFolder } from "../../files/make_folder.ts";
import { isSafePath } from "../hub/hub_name.ts";
import { mostEntries, unpackArchive, type Unpacked, withinBytes } from "./unpack_archive.ts";

/**
 * Unpacks a source archive (`.tar.gz`), and such archives in it, into a folder.
 *
 * @throws {Error} whose message ends a sentence, if it is no whole archive, holds links, or a file would leave the folder.
 */
export async function unpackSource(source: string, folder: string): Promise<void> {
  await unpackArchive(source, folder, { what: "its source archive", into: unpackTar });
}

async function unpackTar(archive: string, folder: string, most: number): Promise<Unpacked> {
  const archives: string[] = [];
  let [bytes, entries] = [0, 0];
  using file = await Deno.open(archive);
  const tar = file.readable.pipeThrough(new DecompressionStream("gzip"))
    .pipeThrough(createTarDecoder({ strict: true }));
  for await (const { header: { name, type, size }, body } of tar) {
    if (++entries > mostEntries) throw new Error(`it has more than ${mostEntries} entries`);
    if (type === "directory") {
      await body.cancel();
      continue;
    }
    if (type !== undefined && type !== "file") throw new Error(`its '${name}' is no file`);
    if (!isSafePath(name)) throw new Error(`its file '${name}' would leave the folder`);
    bytes = withinBytes(bytes + size, most);
    const path = join(folder, name);
    await makeFolder(dirname(path));
    await Deno.writeFile(path, body, { createNew: true });
    if (name.endsWith(".tar.gz")) archives.push(path);
  }
  return { bytes, archives };
}
