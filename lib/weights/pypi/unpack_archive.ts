import { dirname } from "node:path";
import { cannotWrite } from "../../files/file_errors.ts";
import { makeFolder } from "../../files/make_folder.ts";

/** More than any package has; what claims to be more is refused. */
export const mostEntries: number = 2 ** 16;
const mostBytes = 2 ** 36;

/** What came out of an archive. */
export interface Unpacked {
  readonly bytes: number;
  /** The paths of archives that were in it. */
  readonly archives: readonly string[];
}

/**
 * Unpacks an archive into a folder that is there.
 *
 * @param most bytes that its files may have.
 * @throws {Error} whose message says what is wrong, if it is no whole archive, or a file would leave the folder.
 */
export type UnpackInto = (archive: string, folder: string, most: number) => Promise<Unpacked>;

/**
 * Unpacks an archive into a folder, which is there with all files or not at all. An archive in it, as some models are published, is
 * unpacked where it stands.
 *
 * @param what the archive, as errors call it.
 * @throws {Error} whose message ends a sentence, if it is no whole archive, or a file would leave the folder.
 */
export async function unpackArchive(
  archive: string,
  folder: string,
  { what, into }: { readonly what: string; readonly into: UnpackInto },
): Promise<void> {
  const temporary = `${folder}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  await makeFolder(temporary);
  try {
    const { bytes, archives } = await into(archive, temporary, mostBytes);
    let left = mostBytes - bytes;
    for (const inner of archives) {
      left -= (await into(inner, dirname(inner), left)).bytes;
      await Deno.remove(inner);
    }
    await Deno.rename(temporary, folder).catch((cause) => {
      throw cannotWrite(folder, cause);
    });
  } catch (cause) {
    await Deno.remove(temporary, { recursive: true }).catch(() => undefined);
    throw new Error(`${what} cannot be unpacked (${(cause as Error).message})`, { cause });
  }
}

/** @returns the bytes so far. @throws {Error} if they are more than there may be. */
export function withinBytes(bytes: number, most: number): number {
  if (bytes <= most) return bytes;
  throw new Error(`its files claim more than ${mostBytes} bytes`);
}
