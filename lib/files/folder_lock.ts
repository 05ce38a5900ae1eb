import { join } from "node:path";
import { makeFolder } from "./make_folder.ts";
import { isStillAt, openLockFile } from "./file_lock.ts";

/** The file that is locked while somebody writes the folder it is in. */
const lockName = ".lock";

/**
 * Takes a folder for one writer, and makes it if it is not there. The lock is the operating system's (`flock`), so that it
 * goes with the process that had it, and holds for other hosts on file systems that share locks (NFS does). On one that
 * has none, nothing is locked.
 *
 * @returns the lock; when it is disposed, its file goes, and a folder that it made and that is still empty.
 * @throws {Error} at once, if somebody else has it, or the folder cannot be made.
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const isNew = await Deno.stat(folder).then(() => false, () => true);
  await makeFolder(folder);
  const path = join(folder, lockName);
  while (true) {
    const file = await openLockFile(path);
    const isOurs = await file.tryLock(true).catch(() => undefined);
    if (isOurs === false) {
      file.close();
      throw new Error(
        `Another run writes '${folder}' at this moment${await holder(
          path,
        )}: wait until it has ended, or use another folder.`,
      );
    }
    if (isOurs && !await isStillAt(path, file)) {
      file.close();
      continue;
    }
    await sign(file);
    return {
      async [Symbol.asyncDispose]() {
        // removed while it is locked, so that nobody else's goes
        await Deno.remove(path).catch(() => undefined);
        file.close();
        if (isNew) await Deno.remove(folder).catch(() => undefined); // not empty: it stays
      },
    };
  }
}

/** Leaves word of who has the lock, for the error of others. */
async function sign(file: Deno.FsFile): Promise<void> {
  const text = `process ${Deno.pid} on ${Deno.hostname()}, since ${new Date().toISOString()}`;
  await file.truncate();
  await file.write(new TextEncoder().encode(text));
}

/** Who has a lock, in brackets, if that can be read. */
async function holder(path: string): Promise<string> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text === "" ? "" : ` (${text})`;
}
