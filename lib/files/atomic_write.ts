import { basename, dirname, join } from "node:path";
import { cannotWrite } from "./file_errors.ts";

/**
 * Writes a file so that `path` at every moment holds either its old content or all of the new one.
 *
 * The data goes to a temporary file in the same folder, is synced to the disk, and takes the name
 * `path` by a rename. If anything fails, the temporary file is removed and `path` is untouched.
 *
 * @param path The file to write; its folder has to exist.
 * @param data The content, whole or in chunks. Chunks are written as they come, so a file larger
 *   than the memory can be written from a generator.
 * @throws Error if the file system refuses (disk full, no such folder, no permission); whatever
 *   the iteration over `data` throws is passed on.
 */
export async function writeAtomically(
  path: string,
  data: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  try {
    const file = await Deno.open(temporary, { write: true, createNew: true })
      .catch((error) => refuse(path, error));
    // Windows renames only closed files, so the handle must be gone before the rename.
    try {
      await file.lock(true).catch(() => {}); // Some network file systems have no locks.
      for await (const chunk of chunksOf(data)) {
        await writeAll(file, chunk).catch((error) => refuse(path, error));
      }
      await file.sync().catch((error) => refuse(path, error));
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path).catch((error) => refuse(path, error));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}

/**
 * Removes the temporary files that writers killed by the system left in a folder. Those that are being
 * written are locked, and stay.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!/^\..+\.[0-9a-f]{8}\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    try {
      using file = await Deno.open(path, { write: true });
      if (await file.tryLock(true)) await Deno.remove(path);
    } catch {
      // It took its name meanwhile, or is not ours to remove.
    }
  }
}

function chunksOf(
  data: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof data === "string") return [new TextEncoder().encode(data)];
  return data instanceof Uint8Array ? [data] : data;
}

async function writeAll(file: Deno.FsFile, data: Uint8Array): Promise<void> {
  for (let written = 0; written < data.byteLength;) {
    written += await file.write(data.subarray(written));
  }
}

/** Makes the rename itself durable; Windows has no such call, and its file systems journal renames. */
async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using handle = await Deno.open(folder);
  await handle.sync().catch(() => {}); // Some network file systems refuse to sync a folder.
}

function refuse(path: string, cause: unknown): never {
  throw cannotWrite(path, cause);
}
