import { transposeOf } from "../transpose.ts";
import { floatsOf } from "./blocks.ts";
import { type GgufFile, rowBytes, rowsIn } from "./gguf_file.ts";
import type { StoredParameter } from "./gguf_model.ts";

/** About how many values are in memory at once. */
const chunkValues = 2 ** 22;

/**
 * The values of a parameter as float32, row-major and little-endian, piece by piece; what llama.cpp's converter did to them is undone. Only
 * tensors whose rows and columns changed places are in memory as a whole.
 */
export async function* floatChunks(
  file: GgufFile,
  parameter: StoredParameter,
): AsyncGenerator<Uint8Array> {
  const { stored, shape, transposed = false, added = 0 } = parameter;
  for await (const bytes of rowChunks(file, parameter, transposed)) {
    let floats = floatsOf(stored.type, bytes);
    if (added !== 0) floats = floats.map((value) => value - added);
    if (transposed) floats = transposeOf(floats, shape[1], shape[0]);
    yield new Uint8Array(floats.buffer);
  }
}

/** The bytes of a parameter's tensor, its rows in the parameter's order, some at a time. */
export async function* rowChunks(
  file: GgufFile,
  { stored, row }: StoredParameter,
  isWhole = false,
): AsyncGenerator<Uint8Array> {
  const rows = rowsIn(stored);
  const columns = stored.shape.at(-1) ?? 1;
  // rows that change their order do so within the tensor
  const step = isWhole || row ? rows : Math.max(1, Math.floor(chunkValues / columns));
  for (let from = 0; from < rows; from += step) {
    const count = Math.min(step, rows - from);
    const bytes = await file.read(stored, { from, count });
    // of a bias, a row is one value
    const length = stored.shape.length === 1 ? bytes.length / columns : rowBytes(stored);
    yield row ? reordered(bytes, length, row) : bytes;
  }
}

function reordered(bytes: Uint8Array, length: number, source: (row: number) => number): Uint8Array {
  const ordered = new Uint8Array(bytes.length);
  for (let row = 0; row * length < bytes.length; row++) {
    const from = source(row) * length;
    ordered.set(bytes.subarray(from, from + length), row * length);
  }
  return ordered;
}
