/** Bytes that no writer of Parquet wrote; the message says what is wrong with them. */
export class BrokenParquet extends Error {}

/** Parquet of a kind that is not read here; the message says which, and what to do. */
export class UnreadParquet extends Error {}

/**
 * Runs what takes bytes of a file apart.
 *
 * @throws {SyntaxError} naming the file, whatever was thrown.
 */
export function decoding<T>(path: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof UnreadParquet) {
      throw new SyntaxError(`Cannot read '${path}': ${cause.message}`, { cause });
    }
    // other errors of hyparquet are the engine's, of values that are none
    const isSaid = cause instanceof BrokenParquet || (cause as Error).constructor === Error;
    const reason = isSaid ? (cause as Error).message : "its bytes are not what its metadata says";
    throw new SyntaxError(
      `Cannot read '${path}': it is not valid Parquet (${reason}), so fetch or write it again`,
      { cause },
    );
  }
}
