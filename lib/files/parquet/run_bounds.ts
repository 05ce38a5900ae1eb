import { readVarInt } from "hyparquet/src/thrift.js";
import { BrokenParquet } from "./parquet_error.ts";

/**
 * Walks runs of repeated and of packed numbers before they are read: a run says itself how often its number is repeated, and
 * hyparquet's reader believes it.
 *
 * @param width bits of a number.
 * @param most how many numbers there are at most; the last run of packed ones is filled up to a multiple of eight.
 * @returns how many there are.
 * @throws {BrokenParquet} if there are more.
 */
export function runLength(
  view: DataView,
  from: number,
  to: number,
  width: number,
  most: number,
): number {
  if (width > 32) throw new BrokenParquet(`a page has numbers of ${width} bits`);
  const reader = { view, offset: from };
  let count = 0;
  while (count < most && reader.offset < to) {
    const head = readVarInt(reader);
    const isPacked = (head & 1) === 1;
    const run = (head >>> 1) * (isPacked ? 8 : 1);
    if (head < 0 || count + run > most + (isPacked ? 7 : 0)) {
      throw new BrokenParquet("a page has more values than it says");
    }
    count += run;
    reader.offset += isPacked ? Math.max(1, run / 8 * width) : (width + 7) >> 3;
  }
  return count;
}
