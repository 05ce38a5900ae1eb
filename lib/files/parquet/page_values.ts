import { convert } from "hyparquet/src/convert.js";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { byteStreamSplit, readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import { readVarInt } from "hyparquet/src/thrift.js";
import type { DecodedArray } from "hyparquet";
import { largestPage, sizeWithin } from "./bounds.ts";
import { longestDecimal } from "./footer.ts";
import { BrokenParquet } from "./parquet_error.ts";
import { runLength } from "./run_bounds.ts";

/** What hyparquet needs to know to decode the values of a leaf. */
export type ColumnDecoder = Parameters<typeof convert>[1];

interface Reader {
  readonly view: DataView;
  offset: number;
}

/** The values of a dictionary page. @throws {BrokenParquet} if there are fewer. */
export function dictionaryValues(
  view: DataView,
  count: number,
  decoder: ColumnDecoder,
): DecodedArray {
  return converted(plainValues({ view, offset: 0 }, count, decoder), decoder);
}

/**
 * The values of a data page.
 *
 * @param at where they begin, behind the levels.
 * @param count how many are there.
 * @throws {BrokenParquet} if they are not.
 */
export function pageValues(
  view: DataView,
  at: number,
  encoding: string,
  count: number,
  decoder: ColumnDecoder,
  dictionary: DecodedArray | undefined,
): DecodedArray {
  if (count === 0) return [];
  const reader = { view, offset: at };
  switch (encoding) {
    case "PLAIN_DICTIONARY":
    case "RLE_DICTIONARY":
      return ofDictionary(reader, count, dictionary);
    case "RLE":
      reader.offset += 4;
      return Array.from(runs(reader, 1, count), (bit) => bit === 1);
    default:
      return converted(storedValues(reader, encoding, count, decoder), decoder);
  }
}

function storedValues(
  reader: Reader,
  encoding: string,
  count: number,
  decoder: ColumnDecoder,
): DecodedArray {
  const { type, element } = decoder;
  switch (encoding) {
    case "PLAIN":
      return plainValues(reader, count, decoder);
    case "DELTA_BINARY_PACKED":
      if (type === "INT32") return unpacked(reader, new Int32Array(count));
      if (type === "INT64") return unpacked(reader, new BigInt64Array(count));
      throw new BrokenParquet(`a page has differences of ${type}`);
    case "DELTA_LENGTH_BYTE_ARRAY":
      return Array.from(unpacked(reader, new Int32Array(count)), (length) => taken(reader, length));
    case "DELTA_BYTE_ARRAY":
      return prefixedValues(reader, count);
    case "BYTE_STREAM_SPLIT":
      return byteStreamSplit(reader, count, type, element.type_length);
    default:
      throw new BrokenParquet(`a page has values encoded as ${encoding}`);
  }
}

function plainValues(
  reader: Reader,
  count: number,
  { type, element }: ColumnDecoder,
): DecodedArray {
  return readPlain(reader, type, count, element.type_length);
}

function ofDictionary(
  reader: Reader,
  count: number,
  dictionary: DecodedArray | undefined,
): unknown[] {
  if (dictionary === undefined) throw new BrokenParquet("a column lacks its dictionary");
  if (reader.offset >= reader.view.byteLength) throw new BrokenParquet("a page has no values");
  const indices = runs(reader, reader.view.getUint8(reader.offset++), count);
  return Array.from(indices, (index) => {
    if (index in dictionary) return dictionary[index];
    throw new BrokenParquet("a page has a value that its dictionary has not");
  });
}

/** Numbers of so many bits in runs. */
function runs(reader: Reader, width: number, count: number): Int32Array {
  const { view, offset } = reader;
  const numbers = new Int32Array(count);
  if (width === 0) return numbers;
  if (runLength(view, offset, view.byteLength, width, count) < count) {
    throw new BrokenParquet("a page has fewer values than it says");
  }
  readRleBitPackedHybrid(reader, width, numbers, view.byteLength - offset);
  return numbers;
}

/** Numbers that are stored as differences, in blocks. A negative size of a block would send hyparquet's reader back. */
function unpacked<T extends Int32Array | BigInt64Array>(reader: Reader, numbers: T): T {
  const { offset } = reader;
  const [block, parts] = [readVarInt(reader), readVarInt(reader)];
  if (block <= 0 || parts <= 0 || block % parts > 0) {
    throw new BrokenParquet(`a page has blocks of ${block} differences in ${parts} parts`);
  }
  reader.offset = offset;
  deltaBinaryUnpack(reader, numbers.length, numbers);
  return numbers;
}

/** Texts of which each begins as the one before it. */
function prefixedValues(reader: Reader, count: number): Uint8Array[] {
  const prefixes = unpacked(reader, new Int32Array(count));
  const suffixes = unpacked(reader, new Int32Array(count));
  let previous = new Uint8Array();
  let bytes = 0;
  return Array.from(suffixes, (length, i) => {
    const suffix = taken(reader, length);
    const prefix = sizeWithin(prefixes[i], previous.length);
    bytes += sizeWithin(prefix + length, largestPage - bytes);
    const text = new Uint8Array(prefix + length);
    text.set(previous.subarray(0, prefix));
    text.set(suffix, prefix);
    return previous = text;
  });
}

function taken(reader: Reader, length: number): Uint8Array {
  const { buffer, byteOffset, byteLength } = reader.view;
  sizeWithin(length, byteLength - reader.offset);
  const bytes = new Uint8Array(buffer, byteOffset + reader.offset, length);
  reader.offset += length;
  return bytes;
}

/** Values as those of JavaScript. */
function converted(values: DecodedArray, decoder: ColumnDecoder): DecodedArray {
  if (decoder.element.converted_type === "DECIMAL") {
    for (const value of values) {
      if (value instanceof Uint8Array && value.length > longestDecimal) {
        throw new BrokenParquet(`a decimal has ${value.length} bytes`);
      }
    }
  }
  return convert(values, decoder);
}
