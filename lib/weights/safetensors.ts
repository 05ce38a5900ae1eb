import { Buffer } from "node:buffer";
import { writeAtomically } from "../files/atomic_write.ts";
import {
  type Dtype,
  dtypes,
  elementCount,
  headerLengthIn,
  invalid,
  isSize,
  maxHeaderLength,
  parseSafetensorsHeader,
  type TensorData,
  type TensorEntry,
} from "./safetensors_header.ts";
import { openFile } from "../files/open_file.ts";
import {
  arrayFor,
  entryNamed,
  type FileVersion,
  readFloats,
  readInto,
  versionOf,
  type WeightsFile,
} from "./weights_file.ts";

export type { Dtype, TensorData, TensorEntry };

/** A tensor to be written; `data` is the typed array of `dtype`, row-major. */
export interface SafetensorsTensor {
  dtype: Dtype;
  shape: readonly number[];
  data: TensorData;
}

/**
 * Opens a safetensors file and checks its whole header as strictly as the reference implementation
 * does (and refuses duplicate names, which it overlooks). Reads no tensor yet.
 *
 * Format: https://github.com/huggingface/safetensors#format
 *
 * @throws Error if there is no such file; SyntaxError if it is not a whole, valid safetensors file.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  using file = await openFile(path);
  const version = await versionOf(file);
  const { size } = version;
  const { isFile } = await file.stat();
  if (!isFile) throw new Error(`Cannot read '${path}': it is not a file, so name a file`);
  const lengthBytes = new Uint8Array(Math.min(size, 8));
  await readFully(file, lengthBytes, path);
  const headerLength = headerLengthIn(path, lengthBytes, size);
  const headerBytes = new Uint8Array(headerLength);
  await readFully(file, headerBytes, path);
  const { metadata, tensors } = parseSafetensorsHeader(path, headerBytes, size);
  return new SafetensorsFile(path, metadata, tensors, version);
}

/** An open safetensors file: its checked header, and its tensors on demand. Holds no resource. */
export class SafetensorsFile implements WeightsFile {
  constructor(
    readonly path: string,
    readonly metadata: Readonly<Record<string, string>>,
    readonly tensors: ReadonlyMap<string, TensorEntry>,
    private readonly version: FileVersion,
  ) {}

  /**
   * Reads one tensor, and only its bytes, in its own dtype.
   *
   * @throws Error if there is no tensor of that name, or the file has changed since it was opened.
   */
  async read(name: string): Promise<TensorData> {
    const entry = entryNamed(this, name);
    const data = arrayFor(entry);
    await readInto(data, this.path, entry.offset, this.version);
    return data;
  }

  /**
   * Reads one tensor of dtype F32, F16, BF16 or F64 as float32, row-major.
   *
   * @throws TypeError if it is of another dtype; Error as `read` does.
   */
  async readFloat32(name: string): Promise<Float32Array> {
    return await readFloats(this, name);
  }
}

/**
 * Writes a safetensors file atomically, in the reference implementation's layout: tensors by
 * descending dtype, then by name; a header padded with spaces to a multiple of 8 bytes.
 *
 * @throws TypeError if a tensor's data is not of its dtype; RangeError if its length is not that of
 *   its shape, or a name comes twice or is not allowed; Error if the file cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: SafetensorsTensor]>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  await writeSafetensorsStream(path, streamsOf(path, tensors), metadata);
}

/**
 * Tensors in memory as those that come piece by piece.
 *
 * @param path the file that they are for.
 * @throws TypeError and RangeError as `writeSafetensors` does for a tensor's data.
 */
export function streamsOf(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: SafetensorsTensor]>,
): (readonly [name: string, tensor: SafetensorsStream])[] {
  return [...tensors].map(([name, tensor]) => {
    checkTensor(path, name, tensor);
    const { dtype, shape, data } = tensor;
    return [name, { dtype, shape, chunks: () => [bytesOf(data)] }] as const;
  });
}

/** A tensor to be written whose bytes come piece by piece, so that it need not fit into the memory. */
export interface SafetensorsStream {
  dtype: Dtype;
  shape: readonly number[];
  /** The bytes of its elements, row-major and little-endian, as many as the shape has. */
  chunks: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/**
 * Writes a safetensors file as `writeSafetensors` does, asking for the bytes of one tensor after the other.
 *
 * @throws RangeError if a name comes twice or is not allowed, or a tensor has not as many bytes as its
 *   shape; Error if the file cannot be written; whatever the iteration over the bytes throws.
 */
export async function writeSafetensorsStream(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: SafetensorsStream]>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  const order = Object.keys(dtypes);
  const sorted = [...tensors].sort(([leftName, left], [rightName, right]) =>
    order.indexOf(right.dtype) - order.indexOf(left.dtype) ||
    Buffer.compare(Buffer.from(leftName), Buffer.from(rightName))
  );
  const beginning = beginningOf(path, sorted, metadata);
  await writeAtomically(path, contentOf(path, beginning, sorted));
}

async function* contentOf(
  path: string,
  beginning: Uint8Array,
  tensors: readonly (readonly [name: string, tensor: SafetensorsStream])[],
): AsyncGenerator<Uint8Array> {
  yield beginning;
  for (const [name, tensor] of tensors) {
    let written = 0;
    for await (const chunk of tensor.chunks()) {
      written += chunk.byteLength;
      yield chunk;
    }
    if (written !== byteLengthOf(tensor)) {
      throw new RangeError(
        `Cannot write tensor '${name}' of '${path}': ${written} bytes came of the ${
          byteLengthOf(tensor)
        } that its shape [${tensor.shape}] has`,
      );
    }
  }
}

function byteLengthOf({ dtype, shape }: SafetensorsStream): number {
  return elementCount(shape) * dtypes[dtype].BYTES_PER_ELEMENT;
}

/** The header behind its length. */
function beginningOf(
  path: string,
  sorted: readonly (readonly [name: string, tensor: SafetensorsStream])[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  // Entries are joined by hand: an object would move integer-like names first and lose '__proto__'.
  const header: string[] = [];
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (!key.isWellFormed() || !value.isWellFormed()) {
      throw new RangeError(
        `Cannot write '${path}': its metadata '${key}' is not well-formed text, so repair it`,
      );
    }
  }
  if (metadata !== undefined) header.push(`"__metadata__":${JSON.stringify(metadata)}`);
  const names = new Set<string>();
  let end = 0;
  for (const [name, tensor] of sorted) {
    checkName(path, name, names);
    names.add(name);
    const start = end;
    end += byteLengthOf(tensor);
    const { dtype, shape } = tensor;
    header.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [start, end] })}`,
    );
  }
  const headerBytes = new TextEncoder().encode(`{${header.join(",")}}`);
  const paddedLength = Math.ceil(headerBytes.length / 8) * 8;
  if (paddedLength > maxHeaderLength) {
    throw new RangeError(
      `Cannot write '${path}': its header would have ${paddedLength} bytes, more than the limit of ` +
        `${maxHeaderLength}, so write fewer tensors or less metadata`,
    );
  }
  const beginning = new Uint8Array(8 + paddedLength).fill(" ".charCodeAt(0));
  new DataView(beginning.buffer).setBigUint64(0, BigInt(paddedLength), true);
  beginning.set(headerBytes, 8);
  return beginning;
}

function checkTensor(
  path: string,
  name: string,
  { dtype, shape, data }: SafetensorsTensor,
): void {
  const where = `Cannot write tensor '${name}' of '${path}'`;
  if (!Object.hasOwn(dtypes, dtype)) {
    throw new TypeError(
      `${where}: the dtype '${dtype}' is not one of ${Object.keys(dtypes).join(", ")}`,
    );
  }
  if (!(data instanceof dtypes[dtype])) {
    throw new TypeError(`${where}: data of dtype ${dtype} must be a ${dtypes[dtype].name}`);
  }
  if (!shape.every(isSize) || elementCount(shape) !== data.length) {
    throw new RangeError(
      `${where}: shape [${shape}] does not fit the data's ${data.length} elements`,
    );
  }
}

function checkName(path: string, name: string, names: ReadonlySet<string>): void {
  const where = `Cannot write tensor '${name}' of '${path}'`;
  if (name === "__metadata__" || !name.isWellFormed()) {
    throw new RangeError(`${where}: that name is not allowed, so choose another`);
  }
  if (names.has(name)) {
    throw new RangeError(`${where}: there are two tensors of that name, so rename one`);
  }
}

/** The bytes of an array. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

async function readFully(file: Deno.FsFile, bytes: Uint8Array, path: string): Promise<void> {
  for (let filled = 0; filled < bytes.length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw invalid(path, "it ended while it was being read");
    filled += count;
  }
}
