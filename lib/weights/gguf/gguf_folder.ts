import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeAtomically } from "../../files/atomic_write.ts";
import { cacheFolder } from "../../files/cache_folder.ts";
import { lockFile } from "../../files/file_lock.ts";
import { isFinished } from "../../files/finished_output.ts";
import { makeFolder } from "../../files/make_folder.ts";
import { quantizedHead } from "../../models/language_model_head.ts";
import { type SafetensorsStream, writeSafetensorsStream } from "../safetensors.ts";
import { generationFile } from "../side_files.ts";
import { openFile } from "../../files/open_file.ts";
import { type FileVersion, versionOf } from "../weights_file.ts";
import { type GgufLanguageModel, openGgufModel } from "./gguf_model.ts";
import { isKept, keptMatrix } from "./kept_matrix.ts";
import { floatChunks } from "./parameter_chunks.ts";

/** How the weights of a GGUF file are taken. */
export interface GgufWeights {
  /** Whether matrices stay in the 4 to 8 bits that they have there, or become float32. */
  readonly keepBits: boolean;
}

/** Changes when other files are made of the same GGUF file, so that older ones are not taken for them. */
const edition = 1;

/**
 * The GGUF file that a path means: the file itself, or the only one in a folder without a config.json, as packages unpack to.
 *
 * @returns undefined if it means none.
 */
export async function ggufAt(path: string): Promise<string | undefined> {
  const stat = await Deno.stat(path).catch(() => undefined);
  if (!stat?.isDirectory) return path.endsWith(".gguf") ? path : undefined;
  if (await isFinished(join(path, "config.json"))) return undefined;
  const found = await ggufsIn(path);
  return found.length === 1 ? found[0] : undefined;
}

/** The GGUF files in a folder and in those in it, by name. */
export async function ggufsIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  const visit = async (folder: string, depth: number) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (name.endsWith(".gguf") && !isDirectory) files.push(join(folder, name));
      else if (isDirectory && depth > 0) await visit(join(folder, name), depth - 1);
    }
  };
  await visit(folder, 2);
  return files.sort();
}

/**
 * The model folder of a GGUF file, in the cache, by the file's content. It is made where it is not there yet, once, however many processes
 * want it; then it is opened as fast as any other, and ONNX Runtime takes its weights from it in place.
 *
 * @throws {Error} one sentence, if the file cannot be read, is no valid GGUF file, or holds what is not supported, or the folder
 *   cannot be written.
 */
export async function folderOfGguf(path: string, weights: GgufWeights): Promise<string> {
  const cache = join(cacheFolder(), "gguf");
  const name = `${await contentHash(path)}-${weights.keepBits ? "kept" : "float32"}-${edition}`;
  const folder = join(cache, name);
  const config = join(folder, "config.json");
  if (await isFinished(config)) return folder;
  // before anything is made, so that nothing is left of a file that is none
  const model = await openGgufModel(path);
  await makeFolder(folder);
  using _lock = await lockFile(join(cache, `${name}.lock`));
  if (!await isFinished(config)) await writeGgufFolder(folder, model, weights);
  return folder;
}

/** The SHA-256 of files that this process has read, as long as they do not change. */
const known = new Map<string, { version: FileVersion; hash: string }>();

/** The SHA-256 of a file, read in pieces. */
export async function contentHash(path: string): Promise<string> {
  using file = await openFile(path);
  const version = await versionOf(file);
  const before = known.get(path);
  if (before?.version.size === version.size && before.version.modified === version.modified) {
    return before.hash;
  }
  const hash = createHash("sha256");
  const buffer = new Uint8Array(2 ** 20);
  for (let count; (count = await file.read(buffer)) !== null;) {
    hash.update(buffer.subarray(0, count));
  }
  const digest = hash.digest("hex");
  known.set(path, { version, hash: digest });
  return digest;
}

/**
 * Writes the model folder of a GGUF file, as Hugging Face lays it out: the weights, the tokenizer, what is said of generating, and last
 * `config.json`, each under a temporary name first. Only some rows of the weights are in memory at once. Where the bits are kept, only
 * Armature opens the folder.
 *
 * @throws {Error} if the file cannot be read, or the folder cannot be written.
 */
export async function writeGgufFolder(
  folder: string,
  model: GgufLanguageModel,
  { keepBits }: GgufWeights,
): Promise<void> {
  const { config, tokenizer } = model;
  const { bos, ends, padding } = tokenizer;
  const text = (value: unknown, indent?: number) => `${JSON.stringify(value, null, indent)}\n`;
  await makeFolder(folder);
  const kept = keepBits ? keptMatrices(model) : new Map<string, string>();
  const tensors = streamsOf(model, kept);
  await writeSafetensorsStream(join(folder, "model.safetensors"), tensors, { format: "pt" });
  await writeAtomically(join(folder, "tokenizer.json"), text(tokenizer.json));
  await writeAtomically(join(folder, "tokenizer_config.json"), text(tokenizer.config, 2));
  const generation = { bos_token_id: bos, eos_token_id: ends, pad_token_id: padding };
  await writeAtomically(join(folder, generationFile), text(generation, 2));
  const armature = { kind: "lm", bos: tokenizer.begins };
  const all = kept.size === 0 ? config : {
    ...config,
    armature: { ...armature, quantization: { bits: 4, block: 32, mixed: true } },
  };
  await writeAtomically(join(folder, "config.json"), text(all, 2));
}

/** The matrices that stay as they are, by the name that the folder has for them, and which parameter each is. */
function keptMatrices({ backbone, parameters }: GgufLanguageModel): Map<string, string> {
  const names = new Map(backbone.matrices.map(({ name }) => [name, name]));
  names.set(quantizedHead, backbone.outputEmbedding);
  return new Map([...names].filter(([, of]) => isKept(parameters.get(of)!)));
}

function streamsOf(
  { file, parameters }: GgufLanguageModel,
  kept: ReadonlyMap<string, string>,
): (readonly [name: string, tensor: SafetensorsStream])[] {
  const packed = [...kept].flatMap(([name, of]) => keptMatrix(name, file, parameters.get(of)!));
  const floats = [...parameters].filter(([name]) => !kept.has(name)).map(([name, parameter]) => {
    const { shape } = parameter;
    return [
      name,
      { dtype: "F32", shape, chunks: () => floatChunks(file, parameter) } as const,
    ] as const;
  });
  return [...packed, ...floats];
}
