import { type ModelFolder, readParameters, writeTensorFolder } from "./model_folder.ts";
import { type Quantization, quantizeRows, scalesOf } from "./quantization.ts";
import type { SafetensorsTensor } from "./safetensors.ts";
import { transposeOf } from "./transpose.ts";

/** A matrix to be stored in few bits. */
export interface MatrixSource {
  /** The parameter that it is made from, which may also stay as it is. */
  readonly from: string;
  /** Whether the parameter is `[columns, inner]` already, and not `[inner, columns]`. Default false. */
  readonly transposed?: boolean;
}

/**
 * Writes a copy of a model folder with some matrices in few bits, each as the bytes of `quantizeRows` on its columns
 * under the matrix's own name, and the steps beside it. `config.json` says so under `armature.quantization`; Hugging
 * Face refuses such a folder, as the shapes are not those it asks for. One matrix at a time is in memory in float32.
 *
 * @param own what `config.json` has under `armature` beside the quantization.
 * @param kept names and shapes of the parameters that are copied.
 * @param matrices name → what it is made from.
 * @param shapes name → shape of all that is read.
 * @throws {TypeError} if the folder is quantized already.
 * @throws {RangeError} if a weight is not finite.
 * @throws {Error} if a file cannot be read or written.
 */
export async function writeQuantizedFolder(
  path: string,
  source: ModelFolder,
  { own, kept, matrices, shapes, quantization }: {
    own: unknown;
    kept: Iterable<string>;
    matrices: ReadonlyMap<string, MatrixSource>;
    shapes: ReadonlyMap<string, readonly number[]>;
    quantization: Quantization;
  },
): Promise<void> {
  const read = async (name: string) =>
    (await readParameters(source, new Map([[name, shapes.get(name)!]]))).get(name)!;
  const tensors = new Map<string, SafetensorsTensor>();
  for (const name of kept) {
    tensors.set(name, { dtype: "F32", shape: shapes.get(name)!, data: await read(name) });
  }
  for (const [name, { from, transposed = false }] of matrices) {
    const [rows, columns] = shapes.get(from)!;
    const values = await read(from);
    const [count, inner] = transposed ? [rows, columns] : [columns, rows];
    const byColumns = transposed ? values : transposeOf(values, rows, columns);
    const { packed, scales } = quantizeRows(byColumns, inner, quantization);
    const blocks = scales.length / count;
    const shape = [count, blocks, packed.length / scales.length];
    tensors.set(name, { dtype: "U8", shape, data: packed });
    tensors.set(scalesOf(name), { dtype: "F32", shape: [count, blocks], data: scales });
  }
  const config = { ...source.config as Record<string, unknown>, armature: own };
  await writeTensorFolder(path, { config, tensors, tokenizer: source.path });
}
