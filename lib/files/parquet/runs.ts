import { BrokenParquet } from "./parquet_error.ts";

/**
 * Reads numbers that are stored as runs, of a number repeated or of packed ones (RLE in
 * https://parquet.apache.org/docs/file-format/data-pages/encodings). A run says itself how long it is; one of repeated numbers that
 * goes on behind the last is refused, and what packed ones are filled up with is left out.
 *
 * @param from where the runs begin.
 * @param to where what they are in ends.
 * @param width bits of a number.
 * @param numbers is filled.
 * @throws {BrokenParquet} if there are fewer numbers, or more.
 */
export function readRuns(
  view: DataView,
  from: number,
  to: number,
  width: number,
  numbers: Uint8Array | Uint32Array,
): void {
  if (width > 32) throw new BrokenParquet(`a page has numbers of ${width} bits`);
  const scale = 2 ** width;
  let at = from;
  const next = (): number => {
    if (at >= to) throw new BrokenParquet("a page has fewer values than it says");
    return view.getUint8(at++);
  };
  const head = (): number => {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const byte = next();
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) return value;
    }
    throw new BrokenParquet("a page has a run that is too long");
  };
  for (let count = 0; count < numbers.length;) {
    const run = head();
    const length = Math.floor(run / 2);
    if (run % 2 === 0) {
      let value = 0;
      for (let i = 0; i < width; i += 8) value += next() * 2 ** i;
      if (length > numbers.length - count) {
        throw new BrokenParquet("a page has more values than it says");
      }
      numbers.fill(value, count, count += length);
      continue;
    }
    const end = at + length * width;
    const last = Math.min(count + 8 * length, numbers.length);
    // no more than 40 bits are pending, which numbers hold exactly
    for (let [pending, bits] = [0, 0]; count < last; bits -= width) {
      for (; bits < width; bits += 8) pending += next() * 2 ** bits;
      numbers[count++] = pending % scale;
      pending = Math.floor(pending / scale);
    }
    at = end;
  }
}
