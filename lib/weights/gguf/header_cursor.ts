import { maxHeaderLength } from "../safetensors_header.ts";

const windowBytes = 1 << 20;

/**
 * Reads the little-endian values at the beginning of a GGUF file one after the other. What a value claims to be long is compared with
 * what the file has left before memory is taken for it.
 */
export class HeaderCursor {
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #size: number;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** Where the window begins in the file. */
  #start = 0;
  #at = 0;

  constructor(path: string, file: Deno.FsFile, size: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
  }

  /** Bytes from the beginning of the file. */
  get offset(): number {
    return this.#start + this.#at;
  }

  /** Refuses the file if it has no room for so many values of at least so many bytes. */
  expect(count: number, bytes: number, what: string): void {
    if (count * bytes > this.#size - this.offset) {
      throw this.invalid(`${what} does not fit into the ${this.#size} bytes that it has`);
    }
    if (count * bytes > maxHeaderLength - this.offset) {
      throw this.invalid(`${what} makes its header longer than ${maxHeaderLength} bytes`);
    }
  }

  u8(what: string): number {
    const at = this.#take(1, what);
    return this.#view.getUint8(at);
  }

  u16(what: string): number {
    const at = this.#take(2, what);
    return this.#view.getUint16(at, true);
  }

  u32(what: string): number {
    const at = this.#take(4, what);
    return this.#view.getUint32(at, true);
  }

  i8(what: string): number {
    const at = this.#take(1, what);
    return this.#view.getInt8(at);
  }

  i16(what: string): number {
    const at = this.#take(2, what);
    return this.#view.getInt16(at, true);
  }

  i32(what: string): number {
    const at = this.#take(4, what);
    return this.#view.getInt32(at, true);
  }

  f32(what: string): number {
    const at = this.#take(4, what);
    return this.#view.getFloat32(at, true);
  }

  f64(what: string): number {
    const at = this.#take(8, what);
    return this.#view.getFloat64(at, true);
  }

  u64(what: string): bigint {
    const at = this.#take(8, what);
    return this.#view.getBigUint64(at, true);
  }

  i64(what: string): bigint {
    const at = this.#take(8, what);
    return this.#view.getBigInt64(at, true);
  }

  /** A count or length. */
  size(what: string): number {
    const value = this.u64(what);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.invalid(`${what} is ${value}`);
    return Number(value);
  }

  /** A text in UTF-8 behind its length. */
  text(what: string): string {
    const length = this.size(`the length of ${what}`);
    this.expect(length, 1, what);
    const at = this.#take(length, what);
    try {
      return utf8.decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw this.invalid(`${what} is not UTF-8`);
    }
  }

  invalid(problem: string): SyntaxError {
    return invalidGguf(this.path, problem);
  }

  /** Where the next bytes stand in the window, which then holds them: another than before, where it moved. */
  #take(bytes: number, what: string): number {
    if (this.#at + bytes > this.#bytes.length) {
      this.expect(1, bytes, what);
      this.#move(bytes);
    }
    const at = this.#at;
    this.#at += bytes;
    return at;
  }

  #move(bytes: number): void {
    const start = this.offset;
    const length = Math.min(Math.max(bytes, windowBytes), this.#size - start);
    const window = new Uint8Array(length);
    this.#file.seekSync(start, Deno.SeekMode.Start);
    for (let filled = 0; filled < length;) {
      const count = this.#file.readSync(window.subarray(filled));
      if (count === null) throw this.invalid("it ended while it was being read");
      filled += count;
    }
    this.#bytes = window;
    this.#view = new DataView(window.buffer);
    this.#start = start;
    this.#at = 0;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function invalidGguf(path: string, problem: string): SyntaxError {
  return new SyntaxError(
    `'${path}' is not a valid GGUF file: ${problem}; download or convert it again`,
  );
}
