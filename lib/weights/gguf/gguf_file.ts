import { openFile } from "../../files/open_file.ts";
import { type FileVersion, readInto, versionOf } from "../weights_file.ts";
import { blockTypes } from "./block_types.ts";
import { type GgufHeader, type GgufTensor, type GgufValue, readGgufHeader } from "./gguf_header.ts";

/**
 * Opens a GGUF file and checks its header in full against the size of the file. Reads no tensor yet.
 *
 * @throws {Error} if there is no such file.
 * @throws {SyntaxError} if it is not a whole, valid GGUF file.
 * @throws {TypeError} if a tensor is stored in a way that is not supported.
 */
export async function openGguf(path: string): Promise<GgufFile> {
  using file = await openFile(path);
  if (!(await file.stat()).isFile) {
    throw new Error(`Cannot read '${path}': it is not a file, so name a file`);
  }
  const version = await versionOf(file);
  return new GgufFile(path, readGgufHeader(path, file, version.size), version);
}

/** Some rows of a tensor: from which one on, and how many. */
export interface Rows {
  readonly from: number;
  readonly count: number;
}

/** An open GGUF file: its checked header, and the bytes of its tensors on demand. Holds no resource. */
export class GgufFile {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  readonly #version: FileVersion;

  constructor(path: string, { metadata, tensors }: GgufHeader, version: FileVersion) {
    this.path = path;
    this.metadata = metadata;
    this.tensors = tensors;
    this.#version = version;
  }

  /**
   * The bytes of some rows of a tensor.
   *
   * @throws {Error} if the file has changed since it was opened.
   */
  async read(tensor: GgufTensor, { from, count }: Rows): Promise<Uint8Array> {
    const bytes = new Uint8Array(count * rowBytes(tensor));
    await readInto(bytes, this.path, tensor.offset + from * rowBytes(tensor), this.#version);
    return bytes;
  }
}

/** How many rows a tensor has. */
export function rowsIn({ shape }: GgufTensor): number {
  return shape.slice(0, -1).reduce((count, extent) => count * extent, 1);
}

/** How many bytes a row of a tensor takes. */
export function rowBytes({ type, shape }: GgufTensor): number {
  const { values, bytes } = blockTypes[type];
  return (shape.at(-1) ?? 1) / values * bytes;
}
