import { delay } from "../delay.ts";
import { cannotWrite } from "./file_errors.ts";

/** Seconds between two looks at a lock that somebody else has. */
const interval = 0.1;

export interface LockOptions {
  /** Ends the waiting. */
  signal?: AbortSignal;
}

/**
 * Waits until nobody else has the lock of a file, and takes it. The lock is the operating system's (`flock`), so that
 * it goes with the process that had it, and holds for other programs that use it too. The file stays there, empty.
 *
 * @returns the lock, given back when disposed; undefined on a file system that has no locks.
 * @throws whatever the signal was aborted with; {Error} if the file cannot be made.
 */
export async function lockFile(
  path: string,
  { signal }: LockOptions = {},
): Promise<Disposable | undefined> {
  while (true) {
    const file = await openLockFile(path);
    try {
      while (!await file.tryLock(true)) {
        await delay(1000 * interval, signal);
      }
      if (await isStillAt(path, file)) return file;
      file.close();
    } catch (error) {
      file.close();
      if (signal?.aborted) throw error;
      return undefined;
    }
  }
}

/** Opens the file of a lock, and makes it if it is not there. @throws {Error} if it cannot. */
export async function openLockFile(path: string): Promise<Deno.FsFile> {
  return await Deno.open(path, { read: true, write: true, create: true }).catch((cause) => {
    throw cannotWrite(path, cause);
  });
}

/** Whether the locked file still has its name: other programs remove theirs when they are done. */
export async function isStillAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const [locked, named] = await Promise.all([file.stat(), Deno.stat(path).catch(() => undefined)]);
  return named !== undefined && named.ino === locked.ino && named.dev === locked.dev;
}
