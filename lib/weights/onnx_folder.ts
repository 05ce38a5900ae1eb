import { join } from "node:path";
import { writeAtomically } from "../files/atomic_write.ts";
import { makeFolder } from "../files/make_folder.ts";
import { compile } from "../graph/program.ts";
import { type Tensor, weight } from "../graph/tensor.ts";
import { configPath, copyTokenizer, type ModelFolder, readParameters } from "./model_folder.ts";

const modelFile = "model.onnx";
const dataFile = `${modelFile}_data`;

/** The folder of a transformers.js model folder that holds its graphs. */
export const onnxFolder = "onnx";

/** The path of a folder's graph in float32. */
export function onnxGraph(folder: string): string {
  return join(folder, onnxFolder, modelFile);
}

/**
 * Writes a folder that transformers.js opens: `onnx/model.onnx`, its weights in `onnx/model.onnx_data`, the
 * tokenizer's files, and last `config.json`. The graph has standard ops only, so that it runs wherever ONNX Runtime
 * does. One tensor at a time is in memory.
 *
 * @param source the model that the weights, the tokenizer and the settings are taken from.
 * @param shapes names and shapes of the weights that the graph needs.
 * @param graph builds the graph's outputs, by name, from the weights.
 * @throws {Error} if a file cannot be read or written, or the source has no weight of a name.
 */
export async function writeOnnxFolder(
  path: string,
  source: ModelFolder,
  shapes: ReadonlyMap<string, readonly number[]>,
  graph: (
    parameters: (name: string, shape: readonly number[]) => Tensor<"float32">,
  ) => Readonly<Record<string, Tensor>>,
): Promise<void> {
  const regions = regionsOf(shapes);
  const { portable } = compile(graph((name, shape) => {
    return weight(name, "float32", shape, regions.get(name)!) as Tensor<"float32">;
  }));
  const folder = join(path, onnxFolder);
  await makeFolder(folder);
  await writeAtomically(join(folder, dataFile), weightsOf(source, shapes));
  await writeAtomically(join(folder, modelFile), portable());
  await copyTokenizer(source.path, path);
  const config = {
    ...source.config as Record<string, unknown>,
    // by the file's name, so that it does not hold for quantized copies put beside it
    "transformers.js_config": { use_external_data_format: { [modelFile]: 1 } },
  };
  await writeAtomically(configPath(path), JSON.stringify(config, null, 2) + "\n");
}

/** Where the weights stand in the data file, one after the other. */
function regionsOf(shapes: ReadonlyMap<string, readonly number[]>) {
  let offset = 0;
  return new Map([...shapes].map(([name, shape]) => {
    const byteLength = 4 * shape.reduce((size, extent) => size * extent, 1);
    // in the graph the location is relative to the folder of the graph's own file
    const region = { path: `/${dataFile}`, offset, byteLength };
    offset += byteLength;
    return [name, region];
  }));
}

async function* weightsOf(
  source: ModelFolder,
  shapes: ReadonlyMap<string, readonly number[]>,
): AsyncGenerator<Uint8Array> {
  for (const entry of shapes) {
    const [[, { buffer, byteOffset, byteLength }]] = await readParameters(source, new Map([entry]));
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
}
