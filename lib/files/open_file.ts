import { cannotRead } from "./file_errors.ts";

/** Opens a file for reading. @throws {Error} naming it, if it cannot be read. */
export async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

/** Fills an array with a file's bytes from an offset on. @returns whether there were as many. */
export async function readAt(
  file: Deno.FsFile,
  offset: number,
  bytes: Uint8Array,
): Promise<boolean> {
  await file.seek(offset, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) return false;
    filled += count;
  }
  return true;
}
