import { Buffer } from "node:buffer";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { snappyUncompress } from "hyparquet/src/snappy.js";
import { BrokenParquet, UnreadParquet } from "./parquet_error.ts";

type Decompress = (bytes: Uint8Array, length: number) => Uint8Array;

const codecs: Readonly<Record<string, Decompress | undefined>> = {
  UNCOMPRESSED: (bytes) => bytes,
  SNAPPY(bytes, length) {
    const output = new Uint8Array(length);
    snappyUncompress(bytes, output);
    return output;
  },
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: length }),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: length }),
  ZSTD: (bytes, length) => zstdDecompressSync(bytes, { maxOutputLength: length }),
};

/**
 * Decompresses a page.
 *
 * @param codec as the metadata of a column names it.
 * @param length how many bytes it then has.
 * @returns bytes of a buffer of their own, so that nothing behind them can be read.
 * @throws {BrokenParquet} if they are others; {UnreadParquet} if the codec is not known here.
 */
export function decompress(codec: string, bytes: Uint8Array, length: number): Uint8Array {
  const decompressed = codecs[codec];
  if (decompressed === undefined) {
    throw new UnreadParquet(
      `it is compressed with ${
        codec ?? "an unknown codec"
      }, so write it with Zstandard, Snappy or gzip`,
    );
  }
  if (length === 0) return new Uint8Array();
  let output: Uint8Array;
  try {
    output = decompressed(bytes, length);
  } catch (cause) {
    throw new BrokenParquet(`a page is not what ${codec} compresses`, { cause });
  }
  if (output.length !== length) {
    throw new BrokenParquet(`a page has ${output.length} bytes in place of ${length}`);
  }
  const isOwn = output.buffer.byteLength === length && !(output instanceof Buffer);
  return isOwn ? output : new Uint8Array(output);
}
