// @ts-types="@types/yauzl"
import { fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";
import { Readable } from "node:stream";

/** Most bytes that are read at once of an entry. */
const piece = 1 << 16;

/**
 * Reads a file for yauzl, and refuses places that it has not: yauzl hands over whatever an archive says, and what Node's own
 * reading throws at a number beyond 2⁵³ would end the process, since nobody awaits it.
 */
class BoundedReader extends RandomAccessReader {
  readonly #file: Deno.FsFile;
  readonly #size: number;

  constructor(file: Deno.FsFile, size: number) {
    super();
    this.#file = file;
    this.#size = size;
  }

  override read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    let failure: Error | null = null;
    try {
      this.#fill(buffer.subarray(offset, offset + length), position);
    } catch (error) {
      failure = error as Error;
    }
    queueMicrotask(() => callback(failure));
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const pieces = function* (this: BoundedReader) {
      for (let at = start; at < end; at += piece) {
        const bytes = new Uint8Array(Math.min(piece, end - at));
        this.#fill(bytes, at);
        yield bytes;
      }
    };
    return Readable.from(pieces.call(this), { objectMode: false });
  }

  override close(callback: (error: Error | null) => void): void {
    this.#file.close();
    callback(null);
  }

  #fill(bytes: Uint8Array, position: number): void {
    if (!(position >= 0 && position + bytes.length <= this.#size)) {
      throw new Error("it points to bytes that it has not");
    }
    this.#file.seekSync(position, Deno.SeekMode.Start);
    for (let filled = 0; filled < bytes.length;) {
      const count = this.#file.readSync(bytes.subarray(filled));
      if (count === null) throw new Error("it ended while it was being read");
      filled += count;
    }
  }
}

/**
 * Opens a zip archive, whose entries are read as they are asked for; to be closed by `close`.
 *
 * @throws {Error} if it cannot be read, or is none.
 */
export async function openZip(path: string): Promise<ZipFile> {
  const file = await Deno.open(path);
  try {
    const { size } = await file.stat();
    return await fromRandomAccessReaderPromise(new BoundedReader(file, size), size, {
      autoClose: false,
      lazyEntries: true,
      strictFileNames: true,
    });
  } catch (error) {
    file.close();
    throw error;
  }
}
