import { BrokenParquet } from "./parquet_error.ts";

/** What a small file may unfold to, in bytes: a million short texts and their numbers. */
const base = 64e6;

/** What each byte of a file may unfold to. Texts that are compressed well unfold to 10, the labels of two classes to 64. */
const perByte = 400;

/** The most rows for each byte of a file: a bit a row. */
const rowsPerByte = 8;

/**
 * What may still be made of a file's bytes. Runs, dictionaries, empty pages and compression let a few bytes stand for any number of
 * values; so whatever takes memory or time is charged here before it is made.
 */
export class Budget {
  #left: number;

  /** @param size the length of the file. */
  constructor(size: number) {
    this.#left = base + perByte * size;
  }

  /** Takes so many bytes. @throws {BrokenParquet} if they are not left. */
  charge(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new BrokenParquet("it unfolds to far more than its size");
  }
}

/** Whether so many rows are too many for a file of so many bytes. */
export function isTooLong(rows: number, size: number): boolean {
  return rows > 1e6 + rowsPerByte * size;
}

/** A size that a page gives. @throws {BrokenParquet} if it is none, or more than there may be. */
export function sizeWithin(value: unknown, most: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) {
    return value as number;
  }
  throw new BrokenParquet(`a page gives a size of ${value}, where ${most} is the most`);
}
