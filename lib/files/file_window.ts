import { cannotRead } from "./file_errors.ts";
import { openFile } from "./open_file.ts";

/** How many bytes are read at once. */
const readBytes = 1 << 20;

/**
 * A stretch of a file that moves from its begin to its end, so that a file larger than the memory can be read: what was
 * looked at is given up, what was not stays, and more is read behind it. There is one buffer, used again and again.
 */
export class FileWindow implements Disposable {
  /** How many bytes were read from the file so far. */
  read = 0;
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #buffer = new Uint8Array(2 * readBytes);
  #start = 0;
  #end = 0;
  #isLast = false;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens a file; the window is empty. @throws Error, naming the file and what to do, if it cannot be read. */
  static async open(path: string): Promise<FileWindow> {
    return new FileWindow(path, await openFile(path));
  }

  /** What is in the window; valid until the next call of `fill`. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Whether the window ends where the file does. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** Gives up so many bytes at the begin of the window. */
  drop(bytes: number): void {
    this.#start += bytes;
  }

  /** Reads more behind what is there. @throws Error, naming the file, if it cannot be read. */
  async fill(): Promise<void> {
    const kept = this.bytes;
    if (kept.length + readBytes > this.#buffer.length) {
      const larger = new Uint8Array(2 * (kept.length + readBytes));
      larger.set(kept);
      this.#buffer = larger;
    } else {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = kept.length;
    try {
      const room = this.#buffer.subarray(this.#end, this.#end + readBytes);
      const length = await this.#file.read(room);
      if (length === null) this.#isLast = true;
      else this.#end += length;
      this.read += length ?? 0;
    } catch (cause) {
      throw cannotRead(this.#path, cause);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
