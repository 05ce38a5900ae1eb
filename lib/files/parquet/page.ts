import { parquetHeader } from "hyparquet/src/column.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import type { DecodedArray } from "hyparquet";
import { type Budget, sizeWithin } from "./budget.ts";
import { decompress } from "./decompress.ts";
import { type ColumnDecoder, dictionaryValues, pageValues } from "./page_values.ts";
import { BrokenParquet } from "./parquet_error.ts";
import { readRuns } from "./runs.ts";
import { thriftLength } from "./thrift_bounds.ts";

/** The values of a page. */
export interface Page {
  /** How many values there are, with those that are null. */
  readonly count: number;
  /** How much of each value is there; undefined where all is required. */
  readonly definitionLevels?: Uint8Array;
  /** Which list each value goes on; undefined outside of lists. */
  readonly repetitionLevels?: Uint8Array;
  /** The values that are there: those with the column's highest definition level. */
  readonly values: DecodedArray;
}

/** A page's bytes, and what its header says of them in both versions. */
interface DataPage {
  readonly count: number;
  readonly encoding: string;
  readonly bytes: Uint8Array;
  /** Where the levels are, from and to; those of a column without are empty. */
  readonly repetition: readonly [number, number];
  readonly definition: readonly [number, number];
}

/** Sizes and counts have 32 bits. */
const largest = 2 ** 31 - 1;

/**
 * The pages of a column chunk.
 *
 * @param budget what they may unfold to.
 * @throws {BrokenParquet} if a page is none, or unfolds to more; {UnreadParquet} if it is compressed in an unknown way.
 */
export function* pagesOf(
  bytes: Uint8Array,
  decoder: ColumnDecoder,
  budget: Budget,
): Generator<Page> {
  let dictionary: DecodedArray | undefined;
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.subarray(at);
    const headerLength = thriftLength(rest);
    const header = parquetHeader({ view: viewOf(rest), offset: 0 });
    const length = sizeWithin(header.compressed_page_size, rest.length - headerLength);
    const body = rest.subarray(headerLength, headerLength + length);
    at += headerLength + length;
    const uncompressed = sizeWithin(header.uncompressed_page_size, largest);
    // it is decompressed, put into a buffer of its own, and behind its levels
    budget.charge(3 * uncompressed);
    switch (header.type) {
      case "DICTIONARY_PAGE": {
        if (dictionary !== undefined) throw new BrokenParquet("a column has two dictionaries");
        const count = sizeWithin(header.dictionary_page_header?.num_values, largest);
        const page = decompress(decoder.codec, body, uncompressed);
        dictionary = dictionaryValues(viewOf(page), count, decoder, budget);
        break;
      }
      case "DATA_PAGE":
        yield decoded(dataPage(header, body, decoder), decoder, dictionary, budget);
        break;
      case "DATA_PAGE_V2":
        yield decoded(dataPageV2(header, body, decoder), decoder, dictionary, budget);
        break;
      case "INDEX_PAGE":
        break;
      default:
        throw new BrokenParquet("a page is of an unknown kind");
    }
  }
}

type Header = ReturnType<typeof parquetHeader>;

/** A page whose levels are compressed with its values, and say how long they are. */
function dataPage(
  { data_page_header: header, uncompressed_page_size }: Header,
  body: Uint8Array,
  { codec, schemaPath }: ColumnDecoder,
): DataPage {
  if (header === undefined) throw new BrokenParquet("a page does not say what it holds");
  const bytes = decompress(codec, body, uncompressed_page_size);
  const view = viewOf(bytes);
  const levels = (highest: number, encoding: string, from: number): [number, number] => {
    if (highest === 0) return [from, from];
    if (encoding !== "RLE") throw new BrokenParquet(`a page has levels encoded as ${encoding}`);
    if (from + 4 > bytes.length) throw new BrokenParquet("a page is shorter than its levels");
    const length = sizeWithin(view.getUint32(from, true), bytes.length - from - 4);
    return [from + 4, from + 4 + length];
  };
  const repetition = levels(
    getMaxRepetitionLevel(schemaPath),
    header.repetition_level_encoding,
    0,
  );
  const definition = levels(
    getMaxDefinitionLevel(schemaPath),
    header.definition_level_encoding,
    repetition[1],
  );
  const count = sizeWithin(header.num_values, largest);
  return { count, encoding: header.encoding, bytes, repetition, definition };
}

/** A page whose levels stand before its values, which alone are compressed. */
function dataPageV2(
  { data_page_header_v2: header, uncompressed_page_size }: Header,
  body: Uint8Array,
  decoder: ColumnDecoder,
): DataPage {
  if (header === undefined) throw new BrokenParquet("a page does not say what it holds");
  const repetition = sizeWithin(header.repetition_levels_byte_length, body.length);
  const levels = repetition +
    sizeWithin(header.definition_levels_byte_length, body.length - repetition);
  const length = uncompressed_page_size - levels;
  if (length < 0) throw new BrokenParquet("a page is shorter than its levels");
  const codec = header.is_compressed === false ? "UNCOMPRESSED" : decoder.codec;
  const bytes = new Uint8Array(levels + length);
  bytes.set(body.subarray(0, levels));
  bytes.set(decompress(codec, body.subarray(levels), length), levels);
  return {
    count: sizeWithin(header.num_values, largest),
    encoding: header.encoding,
    bytes,
    repetition: [0, repetition],
    definition: [repetition, levels],
  };
}

function decoded(
  { count, encoding, bytes, repetition, definition }: DataPage,
  decoder: ColumnDecoder,
  dictionary: DecodedArray | undefined,
  budget: Budget,
): Page {
  const { schemaPath } = decoder;
  const view = viewOf(bytes);
  const highest = getMaxDefinitionLevel(schemaPath);
  budget.charge(2 * count);
  const repetitionLevels = levelsOf(view, repetition, getMaxRepetitionLevel(schemaPath), count);
  const definitionLevels = levelsOf(view, definition, highest, count);
  let present = count;
  for (const level of definitionLevels ?? []) if (level !== highest) present--;
  const place = { view, at: definition[1], count: present };
  const values = pageValues(place, encoding, decoder, dictionary, budget);
  return { count, definitionLevels, repetitionLevels, values };
}

function levelsOf(
  view: DataView,
  [from, to]: readonly [number, number],
  highest: number,
  count: number,
): Uint8Array | undefined {
  if (highest === 0) return undefined;
  const levels = new Uint8Array(count);
  readRuns(view, from, to, 32 - Math.clz32(highest), levels);
  if (levels.some((level) => level > highest)) {
    throw new BrokenParquet("a page has a level that its column has not");
  }
  return levels;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
