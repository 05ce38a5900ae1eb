import { BrokenParquet } from "./parquet_error.ts";

/** Pages have a megabyte as a rule; one of so many bytes is not written on purpose. */
export const largestPage = 1 << 28;

/**
 * More rows, or values of lists, than a table of so many bytes has. Equal values take next to nothing, so that a small file could
 * hold rows without end; texts take more than a bit each.
 */
export function mostValues(bytes: number): number {
  return 1e6 + 16 * bytes;
}

/** A size that a page gives. @throws {BrokenParquet} if it is none, or more than there may be. */
export function sizeWithin(value: unknown, most: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) {
    return value as number;
  }
  throw new BrokenParquet(`a page gives a size of ${value}, where ${most} is the most`);
}
