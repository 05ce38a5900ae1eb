/**
 * Large buffers that are used again: a new one has to be filled with zeros, and an old one waits long for the garbage
 * collector, which does not know how large it is.
 */
export class BufferPool {
  readonly #free: Float32Array[] = [];

  /** A buffer of that length; what is in it is rubbish, but finite. */
  take(length: number): Float32Array {
    const fits = this.#free.findIndex((buffer) => buffer.length >= length);
    if (fits < 0) {
      // in place of a new one the longest goes: so there are never more than were in use at once
      (this.#free.pop()?.buffer as ArrayBuffer | undefined)?.transfer(0);
      return new Float32Array(length);
    }
    const [buffer] = this.#free.splice(fits, 1);
    return buffer.subarray(0, length);
  }

  /** Takes a buffer back, or a part of one that it gave out; nobody else may use it any more. */
  give(buffer: Float32Array): void {
    if (buffer.buffer.byteLength === 0) return;
    this.#free.push(new Float32Array(buffer.buffer));
    this.#free.sort((a, b) => a.length - b.length);
  }
}
