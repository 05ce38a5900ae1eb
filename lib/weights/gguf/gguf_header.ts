import { elementCount } from "../safetensors_header.ts";
import { type BlockTypeName, blockTypeNames, blockTypes, otherTypes } from "./block_types.ts";
import { HeaderCursor } from "./header_cursor.ts";

/** A value of the metadata: whole numbers beyond 2⁵³ are bigints. */
export type GgufValue = string | number | bigint | boolean | readonly GgufValue[];

/** Where a tensor stands in a GGUF file. */
export interface GgufTensor {
  readonly type: BlockTypeName;
  /** As rows of columns, the last axis the one whose values stand one after the other; the file lists them the other way round. */
  readonly shape: readonly number[];
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** What stands before the tensors of a GGUF file, after it was checked in full. */
export interface GgufHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

const magic = 0x46554747;
const defaultAlignment = 32;
/** ggml's limit. */
const mostAxes = 4;
/** Bytes that the metadata or a tensor take at least. */
const leastEntry = { metadata: 13, tensor: 24 };
/** Longer lists are refused; the longest are vocabularies. */
const longestList = 2 ** 24;
/** Arrays of arrays that nest deeper than this are refused; in practice none do. */
const deepest = 4;

/**
 * Reads metadata and tensor list of a GGUF file (version 2 or 3, little-endian) and checks both against the file's size: names come
 * once, types are known, tensors stand one behind the other with the padding that the alignment asks for, and nothing follows them.
 *
 * Read by ourselves, so that every count, length and offset is held against the file before memory is taken for it.
 *
 * @throws {SyntaxError} naming the file and what is wrong.
 * @throws {TypeError} if a tensor's type is not supported.
 */
export function readGgufHeader(path: string, file: Deno.FsFile, size: number): GgufHeader {
  const cursor = new HeaderCursor(path, file, size);
  if (cursor.u32("its first word") !== magic) {
    throw cursor.invalid("it does not begin with 'GGUF'");
  }
  const version = cursor.u32("its version");
  if (version !== 2 && version !== 3) {
    throw cursor.invalid(
      (version & 0xffff) === 0
        ? "its numbers are big-endian, which is not supported"
        : `its version is ${version}, where 2 and 3 are known`,
    );
  }
  const tensorCount = cursor.size("its number of tensors");
  const entryCount = cursor.size("its number of metadata");
  cursor.expect(tensorCount, leastEntry.tensor, `a list of ${tensorCount} tensors`);
  cursor.expect(entryCount, leastEntry.metadata, `a list of ${entryCount} metadata`);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < entryCount; i++) {
    const key = cursor.text("a key of its metadata");
    const what = `its metadata ${JSON.stringify(key)}`;
    if (metadata.has(key)) throw cursor.invalid(`it has ${what.slice(4)} twice`);
    metadata.set(key, valueOf(cursor, cursor.u32(what), what, 0));
  }
  const tensors = tensorsOf(cursor, tensorCount, alignmentOf(cursor, metadata), size);
  return { metadata, tensors };
}

type Read = (cursor: HeaderCursor, what: string) => GgufValue;

/** Types of metadata by number, with the fewest bytes that a value takes. */
const valueTypes: readonly { readonly bytes: number; readonly read: Read }[] = [
  { bytes: 1, read: (cursor, what) => cursor.u8(what) },
  { bytes: 1, read: (cursor, what) => cursor.i8(what) },
  { bytes: 2, read: (cursor, what) => cursor.u16(what) },
  { bytes: 2, read: (cursor, what) => cursor.i16(what) },
  { bytes: 4, read: (cursor, what) => cursor.u32(what) },
  { bytes: 4, read: (cursor, what) => cursor.i32(what) },
  { bytes: 4, read: (cursor, what) => cursor.f32(what) },
  { bytes: 1, read: truth },
  { bytes: 8, read: (cursor, what) => cursor.text(what) },
  { bytes: 12, read: (cursor, what) => cursor.u32(what) },
  { bytes: 8, read: (cursor, what) => whole(cursor.u64(what)) },
  { bytes: 8, read: (cursor, what) => whole(cursor.i64(what)) },
  { bytes: 8, read: (cursor, what) => cursor.f64(what) },
];
const arrayType = 9;

function truth(cursor: HeaderCursor, what: string): boolean {
  const value = cursor.u8(what);
  if (value > 1) throw cursor.invalid(`${what} is ${value}, where true is 1 and false 0`);
  return value === 1;
}

function whole(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function valueOf(cursor: HeaderCursor, type: number, what: string, depth: number): GgufValue {
  const known = valueTypes[type];
  if (!known) throw cursor.invalid(`${what} is of the type ${type}, which there is not`);
  if (type !== arrayType) return known.read(cursor, what);
  if (depth === deepest) throw cursor.invalid(`${what} nests deeper than ${deepest} lists`);
  const of = cursor.u32(what);
  const count = cursor.size(`the length of ${what}`);
  const element = valueTypes[of];
  if (!element) throw cursor.invalid(`${what} is a list of the type ${of}, which there is not`);
  cursor.expect(count, element.bytes, `${what}, a list of ${count},`);
  if (count > longestList) throw cursor.invalid(`${what} is a list of ${count}`);
  const values: GgufValue[] = [];
  for (let i = 0; i < count; i++) values.push(valueOf(cursor, of, what, depth + 1));
  return values;
}

function alignmentOf(cursor: HeaderCursor, metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get("general.alignment") ?? defaultAlignment;
  if (typeof alignment !== "number" || !(alignment >= 8) || alignment % 8 !== 0) {
    throw cursor.invalid(
      `its general.alignment is ${JSON.stringify(String(alignment))}, which is no multiple of 8`,
    );
  }
  return alignment;
}

function tensorsOf(
  cursor: HeaderCursor,
  count: number,
  alignment: number,
  size: number,
): Map<string, GgufTensor> {
  const listed = new Map<string, GgufTensor>();
  for (let i = 0; i < count; i++) {
    const name = cursor.text("the name of a tensor");
    const what = `tensor ${JSON.stringify(name)}`;
    if (listed.has(name)) throw cursor.invalid(`it has ${what} twice`);
    listed.set(name, tensorOf(cursor, what));
  }
  const padded = (end: number) => Math.ceil(end / alignment) * alignment;
  const start = padded(cursor.offset);
  let end = 0;
  const tensors = new Map<string, GgufTensor>();
  for (const [name, tensor] of listed) {
    const expected = padded(end);
    if (tensor.offset !== expected) {
      throw cursor.invalid(
        `tensor ${
          JSON.stringify(name)
        } begins at byte ${tensor.offset} of the data, where ${expected} is its place`,
      );
    }
    end = expected + tensor.byteLength;
    if (start + end > size) {
      throw cursor.invalid(
        `tensor ${JSON.stringify(name)} ends at byte ${start + end}, but the file has ${size}`,
      );
    }
    tensors.set(name, { ...tensor, offset: start + tensor.offset });
  }
  if (size > padded(start + end)) {
    throw cursor.invalid(`its tensors end at byte ${start + end}, but the file has ${size}`);
  }
  return tensors;
}

/** One entry of the list of tensors; its offset is counted from where the data begin. */
function tensorOf(cursor: HeaderCursor, what: string): GgufTensor {
  const axes = cursor.u32(what);
  if (axes > mostAxes) throw cursor.invalid(`${what} has ${axes} axes`);
  const extents: number[] = [];
  for (let axis = 0; axis < axes; axis++) {
    const extent = cursor.size(`an extent of ${what}`);
    if (extent === 0) throw cursor.invalid(`${what} has an extent of 0`);
    extents.push(extent);
  }
  const id = cursor.u32(what);
  const type = blockTypeNames.find((name) => blockTypes[name].id === id);
  const offset = cursor.size(`the offset of ${what}`);
  if (type === undefined) {
    if (!Object.hasOwn(otherTypes, id)) throw cursor.invalid(`${what} is of an unknown type ${id}`);
    throw new TypeError(
      `'${cursor.path}': ${what} is stored as ${
        otherTypes[id]
      }, which is not supported; take a file in ` +
        `${blockTypeNames.slice(0, -1).join(", ")} or ${blockTypeNames.at(-1)}.`,
    );
  }
  const { values, bytes } = blockTypes[type];
  const elements = elementCount(extents);
  const [columns = 1] = extents;
  if (columns % values !== 0) {
    throw cursor.invalid(`${what} has rows of ${columns}, which are no blocks of ${values}`);
  }
  const byteLength = elements / values * bytes;
  if (!Number.isSafeInteger(byteLength)) throw cursor.invalid(`${what} has the shape [${extents}]`);
  return { type, shape: extents.reverse(), offset, byteLength };
}
