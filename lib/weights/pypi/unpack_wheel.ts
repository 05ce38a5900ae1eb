// @ts-types="@types/yauzl"
import type { ZipFile } from "yauzl";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { makeFolder } from "../../files/make_folder.ts";
import { openZip } from "../../files/zip_file.ts";
import { isSafePath } from "../hub/hub_name.ts";
import { mostEntries, unpackArchive, type Unpacked, withinBytes } from "./unpack_archive.ts";

/**
 * Unpacks a wheel, and zip archives in it, into a folder.
 *
 * @throws {Error} whose message ends a sentence, if it is no whole archive, or a file would leave the folder.
 */
export async function unpackWheel(wheel: string, folder: string): Promise<void> {
  await unpackArchive(wheel, folder, { what: "its wheel", into: unpackZip });
}

async function unpackZip(archive: string, folder: string, most: number): Promise<Unpacked> {
  const archives: string[] = [];
  let bytes = 0;
  let zip: ZipFile | undefined;
  try {
    zip = await openZip(archive);
    if (zip.entryCount > mostEntries) throw new Error(`it has ${zip.entryCount} entries`);
    for await (const entry of zip.eachEntry()) {
      const { fileName, uncompressedSize } = entry;
      if (fileName.endsWith("/")) continue;
      if (!isSafePath(fileName)) throw new Error(`its file '${fileName}' would leave the folder`);
      bytes = withinBytes(bytes + uncompressedSize, most);
      const path = join(folder, fileName);
      await makeFolder(dirname(path));
      const content = Readable.toWeb(await zip.openReadStreamPromise(entry));
      await Deno.writeFile(path, content as ReadableStream<Uint8Array>, { createNew: true });
      if (fileName.endsWith(".zip")) archives.push(path);
    }
  } finally {
    zip?.close();
  }
  return { bytes, archives };
}
