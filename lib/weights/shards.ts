import { basename, dirname, join } from "node:path";
import { cannotRead } from "../files/file_errors.ts";
import { readJsonFile } from "../files/json_file.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors.ts";
import type { TensorData, TensorEntry } from "./safetensors_header.ts";
import { entryNamed, readFloats, type WeightsFile } from "./weights_file.ts";

/**
 * Opens weights that are spread over several safetensors files, by the index of which tensor is in which. Reads no
 * tensor yet.
 *
 * @throws {Error} if the index or one of its files is missing.
 * @throws {SyntaxError} if one of them is broken, or lacks a tensor that the index says it has.
 */
export async function openShards(index: string): Promise<WeightsFile> {
  const { weight_map: places } = Object(await readJsonFile(index)) as { weight_map?: unknown };
  const refuse = (problem: string) =>
    new SyntaxError(`'${index}' is not an index of weights: ${problem}; download it again.`);
  if (typeof places !== "object" || places === null) throw refuse("it has no weight_map");
  const files = new Map<string, SafetensorsFile>();
  const shards = new Map<string, SafetensorsFile>();
  for (const [name, file] of Object.entries(places)) {
    if (typeof file !== "string" || file !== basename(file) || !file.endsWith(".safetensors")) {
      throw refuse(`it puts ${name} into ${JSON.stringify(file)}, which is no file beside it`);
    }
    if (!files.has(file)) files.set(file, await openSafetensors(await realFile(index, file)));
    const shard = files.get(file)!;
    if (!shard.tensors.has(name)) throw refuse(`it says that '${file}' has ${name}`);
    shards.set(name, shard);
  }
  return new ShardedWeights(index, shards);
}

async function realFile(index: string, file: string): Promise<string> {
  const path = join(dirname(index), file);
  try {
    return await Deno.realPath(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

class ShardedWeights implements WeightsFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly #shards: ReadonlyMap<string, SafetensorsFile>;

  constructor(path: string, shards: ReadonlyMap<string, SafetensorsFile>) {
    this.path = path;
    this.#shards = shards;
    this.tensors = new Map(
      [...shards].map(([name, shard]) =>
        [name, { ...shard.tensors.get(name)!, path: shard.path }] as const
      ),
    );
  }

  async read(name: string): Promise<TensorData> {
    entryNamed(this, name);
    return await this.#shards.get(name)!.read(name);
  }

  async readFloat32(name: string): Promise<Float32Array> {
    return await readFloats(this, name);
  }
}
