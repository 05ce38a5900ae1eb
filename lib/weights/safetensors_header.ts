/**
 * The element types, in the order of the reference implementation's enumeration (by alignment), which
 * decides the order of tensors in a file. Half floats are their bits: `readFloat32` converts them.
 */
export const dtypes = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  F8_E5M2: Uint8Array,
  F8_E4M3: Uint8Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  F32: Float32Array,
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
} as const;

/** The name of an element type in a safetensors file. */
export type Dtype = keyof typeof dtypes;

/** A tensor's elements in the typed array of its dtype; BOOL, F8, F16 and BF16 as unsigned bits. */
export type TensorData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

/** Where a tensor lies in its file. */
export interface TensorEntry {
  dtype: Dtype;
  shape: readonly number[];
  /** Bytes from the beginning of the file. */
  offset: number;
  byteLength: number;
  /**
   * How many elements it is from one index to the next, for each dimension, where the elements do not stand one after
   * the other in rows; only in PyTorch's files.
   */
  strides?: readonly number[];
  /** The file that it is in, where the weights are spread over several. */
  path?: string;
}

/** The reference implementation's limit, so that a header cannot ask for arbitrary work. */
export const maxHeaderLength = 100_000_000;

/** serde_json's limit, which the reference implementation inherits. */
const maxDepth = 128;

/** What a safetensors header claims, after it was checked in full. */
export interface SafetensorsHeader {
  metadata: Readonly<Record<string, string>>;
  /** In the order of the file. */
  tensors: ReadonlyMap<string, TensorEntry>;
}

/**
 * How long the header is, by the first 8 bytes of a file of `fileSize` bytes.
 *
 * @throws SyntaxError naming `path`, if they are not there, or claim more than the file has.
 */
export function headerLengthIn(path: string, bytes: Uint8Array, fileSize: number): number {
  if (bytes.length < 8) {
    throw invalid(path, `it has ${fileSize} bytes, fewer than the 8 that hold the header's length`);
  }
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (declared > maxHeaderLength) {
    throw invalid(
      path,
      `its header claims ${declared} bytes, more than the limit of ${maxHeaderLength}`,
    );
  }
  if (8 + Number(declared) > fileSize) {
    throw invalid(path, `its header claims ${declared} bytes, but the file has ${fileSize} in all`);
  }
  return Number(declared);
}

/**
 * Parses the JSON header of a safetensors file of `fileSize` bytes and checks that its tensors fill
 * the file exactly.
 *
 * @throws SyntaxError naming `path` and what is wrong.
 */
export function parseSafetensorsHeader(
  path: string,
  bytes: Uint8Array,
  fileSize: number,
): SafetensorsHeader {
  const header = parseObject(path, bytes);
  return {
    metadata: metadataOf(path, header),
    tensors: tensorsOf(path, header, 8 + bytes.length, fileSize),
  };
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The header as an object without duplicate keys, in which every number is written as an integer. */
function parseObject(path: string, bytes: Uint8Array): { [key: string]: Json } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid(path, "its header is not UTF-8");
  }
  if (!text.startsWith("{")) throw invalid(path, "its header does not begin with '{'");
  let header: { [key: string]: Json };
  try {
    header = JSON.parse(text);
  } catch {
    throw invalid(path, "its header is not JSON");
  }
  checkTokens(path, text);
  return header;
}

/**
 * Checks in valid JSON what `JSON.parse` hides: duplicate keys, numbers such as `4.0`, `4e0` or `-0`
 * where only sizes may stand, unpaired surrogates, and depth.
 */
function checkTokens(path: string, text: string): void {
  const open: (Set<string> | undefined)[] = []; // The keys of each open object; none of an array.
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[") {
      if (open.push(character === "{" ? new Set() : undefined) > maxDepth) {
        throw invalid(path, `its header nests deeper than ${maxDepth} levels`);
      }
    } else if (character === "}" || character === "]") {
      open.pop();
    } else if (character === '"') {
      const start = at++;
      while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
      const string: string = JSON.parse(text.slice(start, at + 1));
      if (!string.isWellFormed()) {
        throw invalid(path, `its header holds an unpaired surrogate in ${JSON.stringify(string)}`);
      }
      while (" \n\r\t".includes(text[at + 1])) at++;
      if (text[at + 1] !== ":") continue;
      const keys = open.at(-1)!;
      if (keys.has(string)) {
        throw invalid(path, `its header holds the key ${JSON.stringify(string)} twice`);
      }
      keys.add(string);
    } else if (character === "-" || (character >= "0" && character <= "9")) {
      const start = at;
      while (/[-+.0-9eE]/.test(text[at + 1])) at++;
      const number = text.slice(start, at + 1);
      if (!/^\d+$/.test(number)) {
        throw invalid(path, `its header holds the number ${number}, which is not a size`);
      }
    }
  }
}

function metadataOf(path: string, header: { [key: string]: Json }): Record<string, string> {
  const metadata = Object.hasOwn(header, "__metadata__") ? header.__metadata__ : {};
  if (!isObject(metadata)) throw invalid(path, "its '__metadata__' is not an object");
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") {
      throw invalid(path, `its metadata '${key}' is not a string`);
    }
  }
  return metadata as Record<string, string>;
}

/** The tensors in the order of the file, after checking that they fill it without gap or overlap. */
function tensorsOf(
  path: string,
  header: { [key: string]: Json },
  dataStart: number,
  fileSize: number,
): Map<string, TensorEntry> {
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]): [string, TensorEntry] => [name, entryOf(path, name, value, dataStart)])
    .sort(([, left], [, right]) =>
      left.offset - right.offset || left.byteLength - right.byteLength
    );
  let end = dataStart;
  for (const [name, { offset, byteLength }] of entries) {
    if (offset !== end) {
      throw invalid(
        path,
        `tensor '${name}' begins at byte ${offset}, ` +
          (offset > end ? `leaving a gap after byte ${end}` : `inside the one that ends at ${end}`),
      );
    }
    end += byteLength;
  }
  if (end !== fileSize) {
    throw invalid(path, `its tensors end at byte ${end}, but the file has ${fileSize} bytes`);
  }
  return new Map(entries);
}

function entryOf(path: string, name: string, value: Json, dataStart: number): TensorEntry {
  const refuse = (problem: string) => invalid(path, `tensor '${name}' ${problem}`);
  if (!isObject(value)) throw refuse("is not described by an object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(dtypes, dtype)) {
    throw refuse(`has the unknown dtype ${JSON.stringify(dtype)}`);
  }
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw refuse(`has the shape ${JSON.stringify(shape)}, which is not a list of sizes`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    throw refuse(`has the offsets ${JSON.stringify(offsets)}, which are not a pair of positions`);
  }
  const [start, end] = offsets;
  const byteLength = elementCount(shape) * dtypes[dtype as Dtype].BYTES_PER_ELEMENT;
  if (!Number.isSafeInteger(byteLength)) {
    throw refuse(`has the shape [${shape}], which is too large to count`);
  }
  if (end - start !== byteLength) {
    throw refuse(
      `of dtype ${dtype} and shape [${shape}] needs ${byteLength} bytes, ` +
        `but its offsets [${start}, ${end}] span ${end - start}`,
    );
  }
  return { dtype: dtype as Dtype, shape, offset: dataStart + start, byteLength };
}

/** The product of the sizes, or Infinity once it is no safe integer (even if a zero follows). */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return Infinity;
  }
  return count;
}

export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function invalid(path: string, problem: string): SyntaxError {
  return new SyntaxError(
    `'${path}' is not a valid safetensors file: ${problem}; download or write it again`,
  );
}
