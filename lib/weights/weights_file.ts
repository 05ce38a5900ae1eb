import { openFile, readAt } from "../files/open_file.ts";
import { floatsOfBrains, floatsOfHalves } from "./half_floats.ts";
import {
  type Dtype,
  dtypes,
  elementCount,
  type TensorData,
  type TensorEntry,
} from "./safetensors_header.ts";

/** An open file of weights: where its tensors stand, and their values on demand. Holds no resource. */
export interface WeightsFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** One tensor, and only its bytes, in its own dtype, row-major. @throws {Error} if there is none of that name. */
  read(name: string): Promise<TensorData>;
  /** One tensor of floating-point numbers as float32, row-major. @throws {TypeError} if it is of another dtype. */
  readFloat32(name: string): Promise<Float32Array>;
}

/** By what it is noticed that a file is another than when it was opened. */
export interface FileVersion {
  readonly size: number;
  readonly modified: number | undefined;
}

export async function versionOf(file: Deno.FsFile): Promise<FileVersion> {
  const { size, mtime } = await file.stat();
  return { size, modified: mtime?.getTime() };
}

/** The entry of a tensor. @throws {Error} that lists some, if there is none of that name. */
export function entryNamed({ path, tensors }: WeightsFile, name: string): TensorEntry {
  const entry = tensors.get(name);
  if (entry === undefined) {
    const names = [...tensors.keys()];
    const listed = names.slice(0, 8).join(", ") + (names.length > 8 ? ", …" : "");
    throw new Error(
      `There is no tensor '${name}' in '${path}'; its ${names.length} tensors are: ${listed}`,
    );
  }
  return entry;
}

/**
 * Reads the bytes of a file from an offset on into an array.
 *
 * @throws {Error} if the file has changed since it was opened, or cannot be read.
 */
export async function readInto(
  data: TensorData,
  path: string,
  offset: number,
  version: FileVersion,
): Promise<void> {
  using file = await openFile(path);
  const { size, modified } = await versionOf(file);
  if (size !== version.size || modified !== version.modified) {
    throw new Error(`'${path}' has changed since it was opened, so open it again`);
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (!await readAt(file, offset, bytes)) {
    throw new Error(`'${path}' ended while it was being read, so open it again`);
  }
}

/**
 * Reads one tensor of dtype F32, F16, BF16 or F64 as float32.
 *
 * @throws {TypeError} if it is of another dtype.
 */
export async function readFloats(weights: WeightsFile, name: string): Promise<Float32Array> {
  const { dtype } = entryNamed(weights, name);
  if (!isFloat(dtype)) {
    throw new TypeError(
      `Cannot read tensor '${name}' of '${weights.path}' as floats: its dtype is ${dtype}, ` +
        "so use 'read' instead",
    );
  }
  const data = await weights.read(name);
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return new Float32Array(data);
  return dtype === "F16"
    ? floatsOfHalves(data as Uint16Array)
    : floatsOfBrains(data as Uint16Array);
}

function isFloat(dtype: Dtype): boolean {
  return dtype === "F32" || dtype === "F16" || dtype === "BF16" || dtype === "F64";
}

/** An array for the elements of a tensor. */
export function arrayFor({ dtype, shape }: TensorEntry): TensorData {
  return new dtypes[dtype](elementCount(shape));
}
