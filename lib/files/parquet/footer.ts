import { parquetMetadata, parquetSchema } from "hyparquet";
import type { ColumnMetaData, FileMetaData, SchemaElement, SchemaTree } from "hyparquet";
import { ConvertedTypes, ParquetTypes } from "hyparquet/src/constants.js";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { BrokenParquet, UnreadParquet } from "./parquet_error.ts";
import { thriftLength } from "./thrift_bounds.ts";

/** Rows that are stored together, column by column. */
export interface RowGroup {
  readonly rows: number;
  /** The leaves' chunks, in the order of the schema. */
  readonly chunks: readonly ColumnChunk[];
}

/** Where the values of a leaf in a row group are. */
export interface ColumnChunk {
  readonly from: number;
  /** The byte behind them. */
  readonly to: number;
  readonly metadata: ColumnMetaData;
}

type Thrift = ReturnType<typeof deserializeTCompactProtocol>;

/** What a file says of itself. */
export interface Footer {
  readonly root: SchemaTree;
  /** The nodes of the schema that hold values, each with those from the root to it. */
  readonly leaves: readonly (readonly SchemaTree[])[];
  readonly groups: readonly RowGroup[];
}

/** The length of the footer, which is a number before the magic bytes, and both. */
export const tailBytes = 8;

/** Nothing that anyone writes is deeper. */
const deepestNode = 32;

/** More letters than the paths of 100,000 columns have. */
const mostLetters = 64e6;

/** Longer values than anyone writes in a column of bytes of one length. */
const longestValue = 1 << 20;

/** What newer writers leave out of a type, since the logical one says it too; hyparquet looks at the older one alone. */
const convertedTypes: Readonly<Record<string, SchemaElement["converted_type"]>> = {
  DECIMAL: "DECIMAL",
  DATE: "DATE",
  LIST: "LIST",
  MAP: "MAP",
  JSON: "JSON",
  BSON: "BSON",
};

/**
 * How long the footer is, with its tail, by the file's last bytes.
 *
 * @param size the length of the file.
 * @throws {BrokenParquet} if the file is not Parquet; {UnreadParquet} if it is encrypted.
 */
export function footerBytes(tail: Uint8Array, size: number): number {
  const magic = new TextDecoder().decode(tail.subarray(-4));
  if (magic === "PARE") throw new UnreadParquet("it is encrypted, so write it without");
  if (tail.length < tailBytes || magic !== "PAR1") {
    throw new BrokenParquet("it does not end in PAR1");
  }
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(tail.length - 8, true);
  if (length > size - tailBytes) throw new BrokenParquet("it is shorter than its metadata");
  return length + tailBytes;
}

/**
 * Reads a footer.
 *
 * @param bytes the footer with its tail.
 * @param size the length of the file.
 * @throws {BrokenParquet} if it contradicts itself or points out of the file; {UnreadParquet} if the values are in other files.
 */
export function readFooter(bytes: Uint8Array, size: number): Footer {
  thriftLength(bytes.subarray(0, -tailBytes));
  checkStatistics(bytes);
  const { schema, row_groups }: FileMetaData = parquetMetadata(bytes, { geoparquet: false });
  checkSchema(schema);
  const root = parquetSchema({
    schema: [withoutRepetition(schema[0]), ...schema.slice(1).map(complete)],
  });
  const leaves = leavesOf([root]);
  let bytesOfValues = 0;
  const groups = row_groups.map(({ columns, num_rows }) => {
    if (columns.length !== leaves.length) {
      throw new BrokenParquet(
        `a row group has ${columns.length} columns, and the schema ${leaves.length}`,
      );
    }
    const chunks = columns.map(({ meta_data, file_path }, i) => {
      if (file_path) throw new UnreadParquet("its values are in other files, so read those");
      const chunk = chunkOf(meta_data, leaves[i]);
      bytesOfValues += chunk.to - chunk.from;
      // also where each is within the file, all together may be far more than it
      if (chunk.to > size || bytesOfValues > size) {
        throw new BrokenParquet(`column '${leaves[i].at(-1)!.path.join(".")}' is cut off`);
      }
      return chunk;
    });
    return { rows: wholeNumber(num_rows, "the rows of a row group"), chunks };
  });
  return { root, leaves, groups };
}

/** Longer decimals than there are, in bytes: they have 76 digits at most. */
export const longestDecimal = 32;

/** hyparquet converts the least and the largest value of each chunk; of a decimal of a megabyte that would take minutes. */
function checkStatistics(bytes: Uint8Array) {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
  // by the numbers of fields in https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
  const { field_2: schema, field_4: groups } = deserializeTCompactProtocol(reader);
  const leaves = schema.filter(({ field_1: type }: Thrift) => ParquetTypes[type]);
  for (const { field_1: chunks } of groups) {
    for (const [i, { field_3: metadata }] of chunks.entries()) {
      if (ConvertedTypes[leaves[i]?.field_6] !== "DECIMAL") continue;
      for (const value of Object.values(metadata?.field_12 ?? {})) {
        if (value instanceof Uint8Array && value.length > longestDecimal) {
          throw new BrokenParquet(`a decimal has ${value.length} bytes`);
        }
      }
    }
  }
}

/** Whether the elements make one tree of named nodes, as they are listed, before it is built. */
function checkSchema(schema: readonly SchemaElement[]) {
  const missing: number[] = [1];
  const lengths: number[] = [0];
  let letters = 0;
  for (const { name, num_children = 0, type, type_length } of schema) {
    while (missing.at(-1) === 0) {
      missing.pop();
      lengths.pop();
    }
    if (missing.length === 0) throw new BrokenParquet("its schema has more than one root");
    if (missing.length > deepestNode) throw new BrokenParquet("its schema is too deep");
    if (typeof name !== "string") throw new BrokenParquet("a column of its schema has no name");
    if (name === "__proto__") throw new UnreadParquet("a column is '__proto__', so rename it");
    const isBytes = type === "FIXED_LEN_BYTE_ARRAY";
    if (isBytes && !(type_length! > 0 && type_length! <= longestValue)) {
      throw new BrokenParquet(`column '${name}' has values of ${type_length} bytes`);
    }
    const length = lengths.at(-1)! + name.length + 1;
    letters += length;
    if (letters > mostLetters) throw new BrokenParquet("the names of its schema are too long");
    missing[missing.length - 1]--;
    if (num_children > 0) {
      missing.push(num_children);
      lengths.push(length);
    }
  }
  if (missing.some((count) => count > 0)) throw new BrokenParquet("its schema is cut off");
}

/** Some writers repeat the root, which stands for the rows. */
function withoutRepetition(root: SchemaElement): SchemaElement {
  return { ...root, repetition_type: undefined };
}

function complete(element: SchemaElement): SchemaElement {
  const { converted_type, logical_type } = element;
  if (converted_type !== undefined || logical_type === undefined) return element;
  const { scale, precision } = { ...element, ...logical_type };
  return { ...element, converted_type: convertedTypes[logical_type.type], scale, precision };
}

function leavesOf(path: readonly SchemaTree[]): (readonly SchemaTree[])[] {
  const { children } = path[path.length - 1];
  if (children.length === 0 && path.length > 1) return [path];
  return children.flatMap((child) => leavesOf([...path, child]));
}

function chunkOf(
  metadata: ColumnMetaData | undefined,
  path: readonly SchemaTree[],
): ColumnChunk {
  const { element, path: names } = path[path.length - 1];
  const name = names.join(".");
  if (
    metadata === undefined || metadata.path_in_schema.join(".") !== name ||
    element.type === undefined || metadata.type !== element.type
  ) throw new BrokenParquet(`a row group has no column '${name}'`);
  const { dictionary_page_offset, data_page_offset, total_compressed_size } = metadata;
  const from = wholeNumber(
    dictionary_page_offset || data_page_offset,
    `the place of column '${name}'`,
  );
  const to = from + wholeNumber(total_compressed_size, `the size of column '${name}'`);
  return { from, to, metadata };
}

/** A number of the metadata as one of JavaScript. */
function wholeNumber(value: unknown, what: string): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (Number.isSafeInteger(number) && (number as number) >= 0) return number as number;
  throw new BrokenParquet(`${what} is no whole number`);
}
