import { convert } from "hyparquet/src/convert.js";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import { readVarInt } from "hyparquet/src/thrift.js";
import type { DecodedArray } from "hyparquet";
import { type Budget, sizeWithin } from "./budget.ts";
import { longestDecimal } from "./footer.ts";
import { BrokenParquet } from "./parquet_error.ts";
import { readRuns } from "./runs.ts";

/** What hyparquet needs to know to decode the values of a leaf. */
export type ColumnDecoder = Parameters<typeof convert>[1];

interface Reader {
  readonly view: DataView;
  offset: number;
}

/** What a value takes in memory beside the bytes of its page: a number, a text, or bytes that are no text. */
const [numberBytes, textBytes, viewBytes] = [16, 48, 160];

/** The values of a dictionary page. @throws {BrokenParquet} if there are fewer. */
export function dictionaryValues(
  view: DataView,
  count: number,
  decoder: ColumnDecoder,
  budget: Budget,
): DecodedArray {
  return storedValues({ view, offset: 0 }, "PLAIN", count, decoder, budget);
}

/**
 * The values of a data page.
 *
 * @param place the page, where in it they begin, behind the levels, and how many there are.
 * @throws {BrokenParquet} if they are not there.
 */
export function pageValues(
  { view, at, count }: { view: DataView; at: number; count: number },
  encoding: string,
  decoder: ColumnDecoder,
  dictionary: DecodedArray | undefined,
  budget: Budget,
): DecodedArray {
  if (count === 0) return [];
  const reader = { view, offset: at };
  switch (encoding) {
    case "PLAIN_DICTIONARY":
    case "RLE_DICTIONARY":
      budget.charge(numberBytes * count);
      return ofDictionary(reader, count, dictionary);
    case "RLE":
      if (decoder.type !== "BOOLEAN") throw new BrokenParquet("a page has runs of no booleans");
      budget.charge(numberBytes * count);
      // behind the length of the runs, which end where the page does
      reader.offset += 4;
      return Array.from(runs(reader, 1, count), (bit) => bit === 1);
    default:
      return storedValues(reader, encoding, count, decoder, budget);
  }
}

function storedValues(
  reader: Reader,
  encoding: string,
  count: number,
  decoder: ColumnDecoder,
  budget: Budget,
): DecodedArray {
  const { type, element: { converted_type } } = decoder;
  const isText = type === "BYTE_ARRAY" && converted_type !== "DECIMAL";
  const isBytes = type === "BYTE_ARRAY" || type === "FIXED_LEN_BYTE_ARRAY";
  budget.charge((isText ? textBytes : isBytes ? viewBytes : numberBytes) * count);
  const values = valuesAs(reader, encoding, count, decoder, budget);
  // one by one, so that not all are there as bytes and as texts
  if (isText) return Array.from(values, (bytes) => decoder.parsers.stringFromBytes(bytes));
  const isArray = Array.isArray(values) || ArrayBuffer.isView(values);
  return converted(isArray ? values as DecodedArray : [...values], decoder);
}

function valuesAs(
  reader: Reader,
  encoding: string,
  count: number,
  { type, element: { type_length } }: ColumnDecoder,
  budget: Budget,
): DecodedArray | Iterable<Uint8Array> {
  switch (encoding) {
    case "PLAIN":
      if (type === "BYTE_ARRAY") return plainBytes(reader, count);
      return readPlain(reader, type, count, type_length);
    case "DELTA_BINARY_PACKED":
      if (type === "INT32") return unpacked(reader, new Int32Array(count));
      if (type === "INT64") return unpacked(reader, new BigInt64Array(count));
      break;
    case "DELTA_LENGTH_BYTE_ARRAY":
      if (type !== "BYTE_ARRAY") break;
      return unpacked(reader, new Int32Array(count)).values().map((length) =>
        taken(reader, length)
      );
    case "DELTA_BYTE_ARRAY":
      if (type !== "BYTE_ARRAY" && type !== "FIXED_LEN_BYTE_ARRAY") break;
      return prefixedBytes(reader, count, budget);
    case "BYTE_STREAM_SPLIT": {
      const width = widths[type] ?? type_length ?? NaN;
      sizeWithin(count * width, reader.view.byteLength - reader.offset);
      return byteStreamSplit(reader, count, type, type_length);
    }
  }
  throw new BrokenParquet(`a page has values of ${type} encoded as ${encoding}`);
}

/** How many bytes a number has. */
const widths: Readonly<Record<string, number | undefined>> = {
  INT32: 4,
  FLOAT: 4,
  INT64: 8,
  DOUBLE: 8,
};

function* plainBytes(reader: Reader, count: number): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) {
    sizeWithin(4, reader.view.byteLength - reader.offset);
    const length = reader.view.getUint32(reader.offset, true);
    reader.offset += 4;
    yield taken(reader, length);
  }
}

/** Bytes of which each begin as those before them. */
function* prefixedBytes(reader: Reader, count: number, budget: Budget): Generator<Uint8Array> {
  const prefixes = unpacked(reader, new Int32Array(count));
  const suffixes = unpacked(reader, new Int32Array(count));
  let previous = new Uint8Array();
  for (let i = 0; i < count; i++) {
    const suffix = taken(reader, suffixes[i]);
    const prefix = sizeWithin(prefixes[i], previous.length);
    budget.charge(prefix + suffix.length);
    const text = new Uint8Array(prefix + suffix.length);
    text.set(previous.subarray(0, prefix));
    text.set(suffix, prefix);
    yield previous = text;
  }
}

function taken(reader: Reader, length: number): Uint8Array {
  const { buffer, byteOffset, byteLength } = reader.view;
  sizeWithin(length, byteLength - reader.offset);
  const bytes = new Uint8Array(buffer, byteOffset + reader.offset, length);
  reader.offset += length;
  return bytes;
}

function ofDictionary(
  reader: Reader,
  count: number,
  dictionary: DecodedArray | undefined,
): unknown[] {
  if (dictionary === undefined) throw new BrokenParquet("a column lacks its dictionary");
  sizeWithin(1, reader.view.byteLength - reader.offset);
  const indices = runs(reader, reader.view.getUint8(reader.offset++), count);
  return Array.from(indices, (index) => {
    if (index < dictionary.length) return dictionary[index];
    throw new BrokenParquet("a page has a value that its dictionary has not");
  });
}

/** Numbers of so many bits in runs. */
function runs({ view, offset }: Reader, width: number, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  if (width > 0) readRuns(view, offset, view.byteLength, width, numbers);
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
