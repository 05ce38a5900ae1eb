import { join } from "node:path";
import { writeAtomically } from "../files/atomic_write.ts";
import { cannotRead } from "../files/file_errors.ts";
import { readJsonFile } from "../files/json_file.ts";
import { makeFolder } from "../files/make_folder.ts";
import { add, matmul, type QuantizedMatrix } from "../graph/ops/mod.ts";
import { type Tensor, weight } from "../graph/tensor.ts";
import {
  adaptedWeights,
  type Adapter,
  adapterJson,
  isAdapterFolder,
  type LowRank,
  lowRankParts,
  mergeInto,
  type NewAdapter,
  openAdapter,
  requirePlaces,
  wrapped,
} from "./adapter.ts";
import { type AdapterBaseOptions, baseOf, referenceTo } from "./adapter_base.ts";
import { folderOfGguf, ggufAt } from "./gguf/gguf_folder.ts";
import { inFloat32 } from "./float_copy.ts";
import { openStateDict } from "./pytorch/state_dict.ts";
import {
  offsetsOf,
  parseQuantization,
  quantizationIn,
  scalesOf,
  type StoredQuantization,
} from "./quantization.ts";
import {
  openSafetensors,
  type SafetensorsStream,
  type SafetensorsTensor,
  streamsOf,
  writeSafetensors,
  writeSafetensorsStream,
} from "./safetensors.ts";
import type { TensorEntry } from "./safetensors_header.ts";
import {
  adapterConfigFile,
  adapterFiles,
  adapterWeightsFile,
  generationFile,
  olderTokenizerFiles,
  tokenizerFiles,
} from "./side_files.ts";
import { laidOver } from "./laid_over.ts";
import { trunkIn } from "./trunk.ts";
import { openShards } from "./shards.ts";
import { missingTensor, storedName } from "./stored_name.ts";
import type { WeightsFile } from "./weights_file.ts";

/**
 * A model in a standard folder: `config.json`, and `model.safetensors` or `pytorch_model.bin`, whole or in several files, whose
 * description of its tensors is checked.
 */
export interface ModelFolder {
  readonly path: string;
  /** What `config.json` holds. */
  readonly config: unknown;
  readonly weights: WeightsFile;
  /** How the matrices are stored where that is in few bits. */
  readonly quantization?: StoredQuantization;
  /** The adapter that the weights are merged with when they are used. */
  readonly adapter?: Adapter;
  /** Where only some of the weights are the model's own, and the rest those of the base model whose trunk it shares. */
  readonly onTrunk?: { readonly base: ModelFolder; readonly own: WeightsFile };
}

const configFile = "config.json";
const weightsFile = "model.safetensors";
const stateDictFile = "pytorch_model.bin";

/** Path of a folder's `config.json`, to be named in errors; of a GGUF file its own. */
export function configPath(folder: string): string {
  return folder.endsWith(".gguf") ? folder : join(folder, configFile);
}

/**
 * The folder of a model: that of this path, or the one in the cache that a GGUF file's weights become float32 in.
 *
 * @throws {Error} one sentence, if the GGUF file cannot be read, or holds what is not supported.
 */
export async function modelFolderAt(path: string): Promise<string> {
  const gguf = await ggufAt(path);
  return gguf === undefined ? path : await folderOfGguf(gguf, { keepBits: false });
}

/**
 * Reads the `config.json` of a model folder, or that of a GGUF file. That of an adapter is the base model's where the adapter
 * has none.
 *
 * @throws {Error} if there is no such folder or file.
 * @throws {SyntaxError} if the file is broken.
 */
export async function readModelConfig(
  path: string,
  options: AdapterBaseOptions = {},
): Promise<unknown> {
  return await readConfigIn(await modelFolderAt(path), options);
}

async function readConfigIn(path: string, options: AdapterBaseOptions): Promise<unknown> {
  const stat = await Deno.stat(path).catch((cause) => {
    throw new Error(
      `Cannot open the model '${path}': there is no such folder, so check the path.`,
      {
        cause,
      },
    );
  });
  if (!stat.isDirectory) {
    throw new Error(`Cannot open the model '${path}': it is a file, so name the folder it is in.`);
  }
  if (await isAdapterFolder(path) && !await isThere(configPath(path))) {
    return await readModelConfig(await wholeBaseOf(await openAdapter(path), options));
  }
  return await readJsonFile(configPath(path));
}

/**
 * Opens a model folder, or the one that a GGUF file becomes, or that of an adapter (PEFT's) with its base model. Reads no
 * weights of a folder yet.
 *
 * @throws {Error} if a file is missing.
 * @throws {SyntaxError} if `config.json` or the header of the weights is broken.
 * @throws {TypeError} if the weights are quantized in a way that is not known, or are an adapter that is not supported.
 */
export async function openModelFolder(
  modelPath: string,
  options: AdapterBaseOptions = {},
): Promise<ModelFolder> {
  const path = await modelFolderAt(modelPath);
  const config = await readConfigIn(path, options);
  if (await isAdapterFolder(path)) {
    const adapter = await openAdapter(path);
    const base = await openModelFolder(await wholeBaseOf(adapter, options));
    if (base.quantization) throw notWhole(base.path, adapter, "quantized");
    return { path, config, weights: adaptedWeights(base.weights, adapter), adapter };
  }
  const quantization = parseQuantization(config, configPath(path));
  const weights = await openWeights(path);
  const trunk = trunkIn(config, configPath(path));
  if (!trunk) return { path, config, weights, quantization };
  const base = await openTrunkOwner(
    path,
    await baseOf({ ...trunk, path, what: "The model", file: configFile }, options),
  );
  // so that a copy in float32 is one of the base alone
  const below = base.quantization ? base.weights : await inFloat32(base.weights);
  return {
    path,
    config,
    weights: laidOver(below, weights),
    quantization: base.quantization,
    onTrunk: { base, own: weights },
  };
}

/** Opens the base model whose trunk a model shares. @throws {TypeError} if that shares another's, or its own. */
async function openTrunkOwner(path: string, base: string): Promise<ModelFolder> {
  const owner = await modelFolderAt(base);
  const config = await readConfigIn(owner, {});
  if (!trunkIn(config, configPath(owner))) return await openModelFolder(owner);
  throw new TypeError(
    `The base model '${base}', whose trunk '${path}' shares, shares the trunk of another: name one with whole weights.`,
  );
}

/** The folder of an adapter's base model. @throws {TypeError} if that is an adapter itself. */
async function wholeBaseOf(adapter: Adapter, options: AdapterBaseOptions): Promise<string> {
  const base = await baseOf(
    { ...adapter, what: "The adapter", file: adapterConfigFile },
    options,
  );
  if (await isAdapterFolder(base)) throw notWhole(base, adapter, "an adapter itself");
  return base;
}

function notWhole(base: string, { path }: Adapter, what: string): TypeError {
  return new TypeError(
    `The base model '${base}' of the adapter '${path}' is ${what}: name one with whole weights.`,
  );
}

/**
 * The folder whose tokenizer goes with a model: its own, but for an adapter that has none that of its base model.
 *
 * @throws {Error} if that is not there.
 */
export async function tokenizerFolder(
  path: string,
  options: AdapterBaseOptions = {},
): Promise<string> {
  if (await isThere(join(path, tokenizerFiles[0])) || !await isAdapterFolder(path)) return path;
  return await wholeBaseOf(await openAdapter(path), options);
}

/** The files that weights can be in, the best first, and what opens them. */
const weightsFiles: readonly (readonly [string, (path: string) => Promise<WeightsFile>])[] = [
  [weightsFile, async (path) => await openSafetensors(await realFile(path))],
  [`${weightsFile}.index.json`, openShards],
  [stateDictFile, async (path) => await openStateDict(await realFile(path))],
  [`${stateDictFile}.index.json`, openShards],
];

async function openWeights(folder: string): Promise<WeightsFile> {
  for (const [name, open] of weightsFiles) {
    if (await isThere(join(folder, name))) return await open(join(folder, name));
  }
  throw new Error(
    `The model '${folder}' has no weights: there is no ${weightsFile} and no ${stateDictFile}, whole or in several files ` +
      "with an index.",
  );
}

/** Whether a path has weights that `openModelFolder` opens. */
export async function hasWeights(folder: string): Promise<boolean> {
  if (await ggufAt(folder) !== undefined) return await isThere(folder);
  const names = [...weightsFiles.map(([name]) => name), adapterConfigFile];
  const there = await Promise.all(names.map((name) => isThere(join(folder, name))));
  return there.includes(true);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function realFile(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

/** Where a parameter is stored, under any of its names; undefined if there is none. */
export function storedTensor(weights: WeightsFile, name: string): TensorEntry | undefined {
  const stored = storedName(weights, name);
  return stored === undefined ? undefined : weights.tensors.get(stored);
}

/** The entry of a parameter. @throws {Error} if there is none. @throws {RangeError} if it has another shape. */
function entryOf(weights: WeightsFile, name: string, shape: readonly number[]) {
  const stored = storedName(weights, name);
  if (stored === undefined) {
    throw missingTensor(weights, name);
  }
  const entry = weights.tensors.get(stored)!;
  if (entry.shape.join() !== shape.join()) {
    throw new RangeError(
      `'${weights.path}': tensor ${stored} has shape [${entry.shape}], but config.json asks for [${shape}].`,
    );
  }
  return { stored, ...entry };
}

/** A folder's parameters, as a graph takes them. */
export interface StoredParameters {
  (name: string, shape: readonly number[]): Tensor<"float32">;
  /** A matrix `[inner, columns]` that is stored in few bits; undefined where it is not. */
  quantized(name: string, shape: readonly number[]): QuantizedMatrix | undefined;
}

/**
 * Parameters that a graph reads in place from a folder's weights file, or from its copy in float32.
 *
 * @param shapes all that the model needs, to be checked now rather than when its graph is built.
 * @throws {Error | RangeError | TypeError} if one is missing, or has another shape or element type.
 */
export async function parametersIn(
  { weights: whole, quantization, adapter }: ModelFolder,
  shapes: ReadonlyMap<string, readonly number[]>,
): Promise<StoredParameters> {
  // before a copy is made, so that errors name the user's file
  if (!quantization) { for (const [name, shape] of shapes) entryOf(whole, name, shape); }
  const weights = await inFloat32(whole);
  const lowRank = adapter && lowRankParts(adapter, shapes);
  const inPlace = <D extends "float32" | "uint8">(
    dtype: D,
    name: string,
    shape: readonly number[],
  ): Tensor<D> => {
    const entry = entryOf(weights, name, shape);
    const { stored, dtype: storedAs, offset, byteLength } = entry;
    if (storedAs !== (dtype === "uint8" ? "U8" : "F32")) {
      throw new TypeError(
        `'${weights.path}': tensor ${stored} is ${storedAs}; save the model in float32 first.`,
      );
    }
    const region = { path: entry.path ?? weights.path, offset, byteLength };
    // the file is part of the name, so that one graph can hold two models, and what they share once
    return weight(`${region.path}:${stored}`, dtype, shape, region);
  };
  const packedEntry = (name: string) => {
    const stored = storedName(weights, name);
    const entry = stored === undefined ? undefined : weights.tensors.get(stored)!;
    return quantization && entry?.dtype === "U8" ? entry : undefined;
  };
  const quantized = (name: string, [inner, columns]: readonly number[]) => {
    const entry = packedEntry(name);
    if (!quantization || !entry) return undefined;
    const own = quantization.mixed ? quantizationIn(entry.shape, inner) : quantization;
    if (!own) {
      throw new RangeError(
        `'${weights.path}': tensor ${name} has shape [${entry.shape}], which are no blocks of rows of ${inner}.`,
      );
    }
    const { bits, block } = own;
    const blocks = Math.ceil(inner / block);
    const offsets = offsetsOf(name);
    return {
      packed: inPlace("uint8", name, [columns, blocks, block * bits / 8]),
      scales: inPlace("float32", scalesOf(name), [columns, blocks]),
      ...(storedName(weights, offsets) !== undefined &&
        { offsets: inPlace("float32", offsets, [columns, blocks]) }),
      twice: quantization.mixed,
      bits,
      block,
    };
  };
  const parameters = (name: string, shape: readonly number[]) => {
    const whole = inPlace("float32", name, shape);
    const parts = lowRank?.get(name);
    return parts ? merged(whole, parts, adapter!) : whole;
  };
  /** W + scale·B A, which the runtime computes once, when a session is made. */
  const merged = (
    whole: Tensor<"float32">,
    { down, up, rank }: LowRank,
    { scale, fanInFanOut }: Adapter,
  ): Tensor<"float32"> => {
    const [inner, outer] = [down, up].map((name, i) => weights.tensors.get(name)!.shape[1 - i]);
    const a = inPlace("float32", down, [rank, inner]);
    const b = inPlace("float32", up, [outer, rank]);
    const added = fanInFanOut
      ? matmul(a, b, { transposeA: true, transposeB: true, alpha: scale })
      : matmul(b, a, { alpha: scale });
    return add(whole, added);
  };
  if (adapter) requirePlaces(adapter, shapes);
  for (const [name, shape] of shapes) {
    const columns = packedEntry(name)?.shape[0];
    // layers store it as rows of outputs or of inputs
    if (columns === undefined) parameters(name, shape);
    else quantized(name, columns === shape[1] ? shape : shape.toReversed());
  }
  return Object.assign(parameters, { quantized });
}

/** Makes sure that gradients go through a folder's matrices. @throws {TypeError} if they are quantized. */
export function requireTrainable(
  { path, quantization }: Pick<ModelFolder, "path" | "quantization">,
): void {
  if (!quantization) return;
  throw new TypeError(
    `'${path}' holds a model quantized to ${quantization.bits} bits, which can only be run: ` +
      "use the one that it was made from.",
  );
}

/**
 * Reads the named parameters of a folder into memory, converted to float32 where they are stored otherwise.
 *
 * @throws {TypeError} if the folder's matrices are quantized: they are no longer what was trained.
 */
export async function readParameters(
  { path, weights, quantization, adapter }: ModelFolder,
  shapes: ReadonlyMap<string, readonly number[]>,
): Promise<Map<string, Float32Array>> {
  requireTrainable({ path, quantization });
  const values = new Map<string, Float32Array>();
  const lowRank = adapter && lowRankParts(adapter, shapes);
  for (const [name, shape] of shapes) {
    const matrix = await weights.readFloat32(entryOf(weights, name, shape).stored);
    const parts = lowRank?.get(name);
    if (parts) await mergeInto(matrix, parts, adapter!);
    values.set(name, matrix);
  }
  return values;
}

/**
 * Reads some of a folder's tensors as they stand there, in float32, without merging.
 *
 * @throws {Error | RangeError} if one is missing, or has another shape.
 */
export async function readTensors(
  { weights }: ModelFolder,
  shapes: ReadonlyMap<string, readonly number[]>,
): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    values.set(name, await weights.readFloat32(entryOf(weights, name, shape).stored));
  }
  return values;
}

/**
 * Writes a model folder: the weights, the tokenizer's files, and last `config.json`, each written under a
 * temporary name and renamed. So a disk that is too full for the weights leaves an older model as it was, and
 * a new `config.json` says that the folder is whole.
 *
 * @param tokenizer tokenizer files, or a folder whose tokenizer files are copied; absent: none are.
 * @throws {Error} if a file cannot be written; the old one is then as it was.
 */
export async function writeModelFolder(
  path: string,
  { config, shapes, values, tokenizer }: {
    config: unknown;
    shapes: ReadonlyMap<string, readonly number[]>;
    values: ReadonlyMap<string, Float32Array>;
    tokenizer?: TokenizerSource;
  },
): Promise<void> {
  const tensors = [...shapes].map(([name, shape]) =>
    [name, { dtype: "F32", shape, data: values.get(name)! }] as const
  );
  await writeTensorFolder(path, { config, tensors, tokenizer });
}

/** Writes a model folder with tensors of any element type, as `writeModelFolder` does. */
export async function writeTensorFolder(
  path: string,
  { config, tensors, tokenizer }: {
    config: unknown;
    tensors: Iterable<readonly [name: string, tensor: SafetensorsTensor]>;
    tokenizer?: TokenizerSource;
  },
): Promise<void> {
  const streams = streamsOf(join(path, weightsFile), tensors);
  await writeStreamedFolder(path, { config, tensors: streams, tokenizer });
}

/** Writes a model folder whose tensors come one after the other, as `writeModelFolder` does. */
export async function writeStreamedFolder(
  path: string,
  { config, tensors, tokenizer }: {
    config: unknown;
    tensors: Iterable<readonly [name: string, tensor: SafetensorsStream]>;
    tokenizer?: TokenizerSource;
  },
): Promise<void> {
  await makeFolder(path);
  await writeSafetensorsStream(join(path, weightsFile), tensors, { format: "pt" });
  for (const other of adapterFiles) await removeFile(join(path, other));
  if (tokenizer !== undefined && tokenizer !== path) await copyTokenizer(tokenizer, path);
  await writeAtomically(configPath(path), JSON.stringify(config, null, 2) + "\n");
}

/** A tokenizer's files, and what is said of generating, by name, or the folder that they are in. */
export type TokenizerSource = string | ReadonlyMap<string, Uint8Array>;

const copiedFiles = [...tokenizerFiles, ...olderTokenizerFiles, generationFile];

/** The files of a model's tokenizer, and what is said of generating, by name. */
export async function tokenizerFilesIn(path: string): Promise<Map<string, Uint8Array>> {
  const folder = await modelFolderAt(path);
  const files = new Map<string, Uint8Array>();
  for (const file of copiedFiles) {
    const bytes = await Deno.readFile(join(folder, file)).catch(() => undefined);
    if (bytes) files.set(file, bytes);
  }
  return files;
}

/**
 * Writes the folder of an adapter in PEFT's format, with a `config.json` of what model it makes of its base. The files go in
 * the same order as those of `writeModelFolder`.
 *
 * @param tensors those of the adapter, by their names in the language model.
 * @param base the folder of the model that it belongs to.
 * @throws {Error} if a file cannot be written; the old one is then as it was.
 */
export async function writeAdapterFolder(
  path: string,
  { config, adapter, base, tensors, tokenizer }: {
    config: unknown;
    adapter: Omit<NewAdapter, "base" | "revision">;
    base: string;
    tensors: Iterable<readonly [name: string, tensor: SafetensorsTensor]>;
    tokenizer: TokenizerSource;
  },
): Promise<void> {
  await makeFolder(path);
  const json = adapterJson({ ...adapter, ...await referenceTo(base, path) });
  await writeSafetensors(join(path, adapterWeightsFile), wrapped(tensors), { format: "pt" });
  await writeAtomically(join(path, adapterConfigFile), JSON.stringify(json, null, 2) + "\n");
  for (const [name] of weightsFiles) await removeFile(join(path, name));
  if (tokenizer !== path) await copyTokenizer(tokenizer, path);
  await writeAtomically(configPath(path), JSON.stringify(config, null, 2) + "\n");
}

/** Removes a file that another kind of model left. */
async function removeFile(path: string): Promise<void> {
  await Deno.remove(path).catch(() => undefined);
}

/**
 * Copies the files of a tokenizer, and what is said of generating, to a folder. Those that are not there are not there
 * afterwards either, since what another model left would change this one.
 *
 * @throws {Error} if it cannot write.
 */
export async function copyTokenizer(from: TokenizerSource, to: string): Promise<void> {
  const files = typeof from === "string" ? await tokenizerFilesIn(from) : from;
  for (const file of copiedFiles) {
    const bytes = files.get(file);
    if (bytes) await writeAtomically(join(to, file), bytes);
    else await Deno.remove(join(to, file)).catch(() => undefined);
  }
}
