import { basename, dirname, join } from "node:path";
import { cannotRead } from "../files/file_errors.ts";
import { readJsonFile } from "../files/json_file.ts";
import { openStateDict } from "./pytorch/state_dict.ts";
import { openSafetensors } from "./safetensors.ts";
import type { TensorData, TensorEntry } from "./safetensors_header.ts";
import { entryNamed, readFloats, type WeightsFile } from "./weights_file.ts";

/**
 * Opens weights that are spread over several files, of safetensors or as PyTorch saves them, by the index of which tensor is in which. Reads no
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
  const files = new Map<string, WeightsFile>();
  const shards = new Map<string, WeightsFile>();
  for (const [name, file] of Object.entries(places)) {
    if (typeof file !== "string" || file !== basename(file) || !/\.(safetensors|bin)$/.test(file)) {
      throw refuse(`it puts ${name} into ${JSON.stringify(file)}, which is no file beside it`);
    }
    if (!files.has(file)) {
      const open = file.endsWith(".bin") ? openStateDict : openSafetensors;
      files.set(file, await open(await realFile(index, file)));
    }
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
  readonly #shards: ReadonlyMap<string, WeightsFile>;

  constructor(path: string, shards: ReadonlyMap<string, WeightsFile>) {
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
