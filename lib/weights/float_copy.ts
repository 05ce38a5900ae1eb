import { createHash } from "node:crypto";
import { join } from "node:path";
import { cacheFolder } from "../files/cache_folder.ts";
import { lockFile } from "../files/file_lock.ts";
import { isFinished } from "../files/finished_output.ts";
import { makeFolder } from "../files/make_folder.ts";
import {
  bytesOf,
  openSafetensors,
  type SafetensorsStream,
  writeSafetensorsStream,
} from "./safetensors.ts";
import { openFile } from "../files/open_file.ts";
import { versionOf, type WeightsFile } from "./weights_file.ts";

/** Floating-point types that become float32. */
const otherFloats: readonly string[] = ["F16", "BF16", "F64"];

/**
 * The same weights with all floating-point numbers in float32 and in rows, as graphs read them: themselves, or a file in the cache that is made once for these files as
 * they are. ONNX Runtime could convert them when it loads a graph, but then keeps the converted ones in memory beside those that it
 * packs for the processor.
 *
 * @throws {Error} if a file cannot be read or written.
 */
export async function inFloat32(weights: WeightsFile): Promise<WeightsFile> {
  const entries = [...weights.tensors];
  const isOther = ([, { dtype, strides }]: typeof entries[number]) =>
    otherFloats.includes(dtype) || strides !== undefined;
  if (!entries.some(isOther)) return weights;
  const cache = join(cacheFolder(), "float32");
  const path = join(cache, `${await versionOfFiles(weights)}.safetensors`);
  if (!await isFinished(path)) {
    await makeFolder(cache);
    using _lock = await lockFile(`${path}.lock`);
    if (!await isFinished(path)) {
      await writeSafetensorsStream(path, entries.map(([name]) => [name, streamOf(weights, name)]));
    }
  }
  return await openSafetensors(await Deno.realPath(path));
}

/** A name for the files as they are: their places, sizes and times. */
async function versionOfFiles({ path, tensors }: WeightsFile): Promise<string> {
  const paths = new Set([...tensors.values()].map((entry) => entry.path ?? path));
  const versions = await Promise.all(
    [...paths].sort().map(async (each) => {
      using file = await openFile(each);
      return [await Deno.realPath(each), await versionOf(file)];
    }),
  );
  return createHash("sha256").update(JSON.stringify(versions)).digest("hex");
}

/** A tensor to be written; one at a time is in memory. */
function streamOf(weights: WeightsFile, name: string): SafetensorsStream {
  const { dtype, shape } = weights.tensors.get(name)!;
  const isFloat = dtype === "F32" || otherFloats.includes(dtype);
  return {
    dtype: isFloat ? "F32" : dtype,
    shape,
    async *chunks() {
      yield bytesOf(await (isFloat ? weights.readFloat32(name) : weights.read(name)));
    },
  };
}
