import { cannotWrite } from "./file_errors.ts";

/**
 * JSON lines that are kept as they come, beside a file that gets its name only when it is whole: those of `texts.jsonl` are
 * in `texts.jsonl.partial` until then, and stay there if the work ends before.
 */
export class PartialLines implements Disposable {
  /** Where the lines are. */
  readonly path: string;
  readonly #file: Deno.FsFile;
  #count = 0;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Begins with no lines; those of an earlier try are replaced with the first that is added.
   *
   * @param whole the file that they are for.
   * @throws {Error} if another run writes it at this moment, or the file cannot be made.
   */
  static async open(whole: string): Promise<PartialLines> {
    const path = `${whole}.partial`;
    const file = await Deno.open(path, { write: true, create: true }).catch((cause) => {
      throw cannotWrite(path, cause);
    });
    // some network file systems have no locks
    if (await file.tryLock(true).catch(() => true)) return new PartialLines(path, file);
    file.close();
    throw new Error(
      `Another run writes '${whole}' at this moment: wait until it has ended, or use another name.`,
    );
  }

  /** How many lines there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds a line. @throws {Error} if it cannot be written. */
  add(row: unknown): void {
    try {
      if (this.#count++ === 0) this.#file.truncateSync();
      const line = new TextEncoder().encode(JSON.stringify(row) + "\n");
      for (let at = 0; at < line.length;) at += this.#file.writeSync(line.subarray(at));
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    }
  }

  /** Removes the lines, when the file is whole. */
  async remove(): Promise<void> {
    await Deno.remove(this.path);
  }

  /** Closes the file; one without lines goes. */
  [Symbol.dispose](): void {
    this.#file.close();
    try {
      if (Deno.statSync(this.path).size === 0) Deno.removeSync(this.path);
    } catch {
      // it is gone already
    }
  }
}
