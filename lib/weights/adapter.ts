import { join } from "node:path";
import { readJsonFile } from "../files/json_file.ts";
import { laidOver } from "./laid_over.ts";
import { openSafetensors, type SafetensorsTensor } from "./safetensors.ts";
import { adapterConfigFile, adapterWeightsFile } from "./side_files.ts";
import { storedName } from "./stored_name.ts";
import { readFloats, type WeightsFile } from "./weights_file.ts";

/** What PEFT puts before the names of the model that it wraps. */
const wrapper = "base_model.model.";

/** A and B of a matrix, as they are called in the weights; it is W + scale·B A that is used. */
export interface LowRank {
  readonly down: string;
  readonly up: string;
  readonly rank: number;
}

/** An adapter of PEFT's format, which was checked: low-rank matrices, and modules that were saved whole. */
export interface Adapter {
  readonly path: string;
  /** What it says of the model that it belongs to: a folder or a name on the hub, and a revision there. */
  readonly base?: string;
  readonly revision?: string;
  /** What B A is multiplied by. */
  readonly scale: number;
  /** Whether the matrices that it is added to are stored as `[in, out]`. */
  readonly fanInFanOut: boolean;
  /** By the name of the matrix in the model. */
  readonly lowRank: ReadonlyMap<string, LowRank>;
  /** All its tensors, by their names in the model. */
  readonly weights: WeightsFile;
}

/** Whether a folder holds an adapter. */
export async function isAdapterFolder(folder: string): Promise<boolean> {
  return await Deno.stat(join(folder, adapterConfigFile)).then(() => true, () => false);
}

/**
 * Opens the adapter of a folder. Reads no tensor yet.
 *
 * @throws {Error} if a file is missing.
 * @throws {SyntaxError} if one is broken.
 * @throws {TypeError | RangeError} if the adapter is of a kind that is not supported, or its tensors do not fit together.
 */
export async function openAdapter(folder: string): Promise<Adapter> {
  const path = join(folder, adapterConfigFile);
  const { rank, ...config } = parseConfig(await readJsonFile(path), path);
  const file = await Deno.realPath(join(folder, adapterWeightsFile)).catch((cause) => {
    throw new Error(
      `The adapter '${folder}' has no ${adapterWeightsFile}: save it again with a newer PEFT.`,
      { cause },
    );
  });
  const weights = unwrapped(await openSafetensors(file));
  return { path: folder, ...config, lowRank: lowRankOf(weights, rank), weights };
}

/** What is read of an adapter_config.json. */
const readKeys = [
  "peft_type",
  "base_model_name_or_path",
  "revision",
  "r",
  "lora_alpha",
  "use_rslora",
  "fan_in_fan_out",
  "bias",
  "init_lora_weights",
];

/** What changes nothing of a trained adapter, or shows in its tensors. */
const ignoredKeys = [
  "auto_mapping",
  "corda_config",
  "ensure_weight_tying",
  "eva_config",
  "exclude_modules",
  "inference_mode",
  "layers_pattern",
  "layers_to_transform",
  "loftq_config",
  "lora_dropout",
  "lora_ga_config",
  "megatron_core",
  "modules_to_save",
  "peft_version",
  "qalora_group_size",
  "runtime_config",
  "target_modules",
  "task_type",
];

/** What those that are read may be; the other ways to begin change the weights of the base model. */
const allowed: Readonly<Record<string, readonly unknown[]>> = {
  peft_type: ["LORA"],
  bias: ["none", undefined],
  init_lora_weights: [true, false, "gaussian", "eva", "orthogonal", undefined],
};

/** Whether a setting says that something is not there: `null`, `false`, `{}` or `[]`. */
function isUnset(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function parseConfig(json: unknown, where: string) {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TypeError(`'${where}' is not an adapter's: it must hold a JSON object.`);
  }
  const config = json as Record<string, unknown>;
  const wrong = (key: string, wanted: string) =>
    new TypeError(
      `'${where}' says ${key}: ${
        JSON.stringify(config[key])
      }, which is not supported; it must be ${wanted}.`,
    );
  for (const [key, values] of Object.entries(allowed)) {
    if (values.includes(config[key])) continue;
    const words = values.filter((value) => value !== undefined);
    throw wrong(key, words.map((value) => JSON.stringify(value)).join(" or "));
  }
  for (const key of Object.keys(config)) {
    if (readKeys.includes(key) || ignoredKeys.includes(key) || isUnset(config[key])) continue;
    throw wrong(key, "left out, as a plain LoRA has it");
  }
  const { r: rank, lora_alpha: alpha, base_model_name_or_path: base, revision } = config;
  if (!Number.isSafeInteger(rank) || (rank as number) < 1) {
    throw wrong("r", "a whole number from 1 up");
  }
  if (typeof alpha !== "number" || !Number.isFinite(alpha)) throw wrong("lora_alpha", "a number");
  const flag = (key: string) => {
    const value = config[key] ?? false;
    if (typeof value !== "boolean") throw wrong(key, "true or false");
    return value;
  };
  const text = (key: string, value: unknown) => {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string" || value === "") throw wrong(key, "a text");
    return value;
  };
  const r = rank as number;
  return {
    rank: r,
    scale: alpha / (flag("use_rslora") ? Math.sqrt(r) : r),
    fanInFanOut: flag("fan_in_fan_out"),
    base: text("base_model_name_or_path", base),
    revision: text("revision", revision),
  };
}

/** The same weights by the names that they have in the model. @throws {TypeError} if one is of no model that PEFT wraps. */
function unwrapped(weights: WeightsFile): WeightsFile {
  const names = new Map([...weights.tensors.keys()].map((stored) => {
    if (!stored.startsWith(wrapper)) {
      throw new TypeError(
        `'${weights.path}' has a tensor ${stored}, which is none of an adapter: their names begin with ${wrapper}`,
      );
    }
    return [stored.slice(wrapper.length), stored] as const;
  }));
  const bare: WeightsFile = {
    path: weights.path,
    tensors: new Map(
      [...names].map(([name, stored]) =>
        [name, { ...weights.tensors.get(stored)!, path: weights.path }] as const
      ),
    ),
    read: (name) => weights.read(names.get(name) ?? name),
    readFloat32: (name) => readFloats(bare, name),
  };
  return bare;
}

const part = /^(.+)\.lora_(A|B)\.weight$/;

function lowRankOf({ path, tensors }: WeightsFile, rank: number): Map<string, LowRank> {
  const pairs = new Map<string, LowRank>();
  for (const [name, entry] of tensors) {
    const [, module, which] = part.exec(name) ?? [];
    if (module === undefined) {
      if (!/\.?lora_/.test(name)) continue;
      throw new TypeError(
        `'${path}' has a tensor ${name}, which is not supported: adapters are of linear layers, A and B each.`,
      );
    }
    const [down, up] = [`${module}.lora_A.weight`, `${module}.lora_B.weight`];
    const missing = [down, up].find((each) => !tensors.has(each));
    if (missing !== undefined) throw new TypeError(`'${path}' has ${name}, but no ${missing}.`);
    if (entry.shape.length !== 2 || entry.shape[which === "A" ? 0 : 1] !== rank) {
      throw new RangeError(
        `'${path}': tensor ${name} has shape [${entry.shape}], but ${adapterConfigFile} says that r is ${rank}.`,
      );
    }
    pairs.set(`${module}.weight`, { down, up, rank });
  }
  return pairs;
}

/**
 * The weights of a model with those of its adapter: modules that the adapter has whole are the adapter's, and its low-rank
 * matrices stand beside those that they are added to.
 */
export function adaptedWeights(base: WeightsFile, { weights }: Adapter): WeightsFile {
  return laidOver(base, weights);
}

/**
 * The low-rank matrices of some of a model's parameters, by the parameters' names.
 *
 * @throws {RangeError} if a matrix has another shape than its parameter.
 */
export function lowRankParts(
  { weights, lowRank, fanInFanOut }: Adapter,
  shapes: ReadonlyMap<string, readonly number[]>,
): Map<string, LowRank> {
  const matrices: WeightsFile = {
    ...weights,
    tensors: new Map(
      [...lowRank].map(([matrix, { down }]) => [matrix, weights.tensors.get(down)!]),
    ),
  };
  const found = new Map<string, LowRank>();
  for (const [name, shape] of shapes) {
    const matrix = storedName(matrices, name);
    if (matrix === undefined) continue;
    const { down, up } = lowRank.get(matrix)!;
    const [[, inner], [outer]] = [down, up].map((each) => weights.tensors.get(each)!.shape);
    const given = fanInFanOut ? [inner, outer] : [outer, inner];
    if (given.join() !== shape.join()) {
      throw new RangeError(
        `'${weights.path}': the adapter of ${matrix} is of a matrix [${given}], but the model's is [${shape}].`,
      );
    }
    found.set(name, lowRank.get(matrix)!);
  }
  return found;
}

/**
 * Requires that a model has a place for all of an adapter.
 *
 * @param shapes of all parameters of the model.
 * @throws {TypeError} naming a tensor that has none.
 */
export function requirePlaces(
  adapter: Adapter,
  shapes: ReadonlyMap<string, readonly number[]>,
): void {
  const { weights } = adapter;
  const used = new Set(
    [...lowRankParts(adapter, shapes).values()].flatMap((each) => [each.down, each.up]),
  );
  for (const name of shapes.keys()) used.add(storedName(weights, name) ?? "");
  const unused = [...weights.tensors.keys()].find((name) => !used.has(name));
  if (unused === undefined) return;
  throw new TypeError(
    `'${weights.path}' has a tensor ${unused}, for which the model has no place: the adapter is of another model.`,
  );
}

/**
 * W + scale·B A in float32, with the sums of products in float64.
 *
 * @param matrix W, which is changed.
 */
export async function mergeInto(
  matrix: Float32Array,
  { down, up, rank }: LowRank,
  { weights, scale, fanInFanOut }: Adapter,
): Promise<void> {
  const [a, b] = [await weights.readFloat32(down), await weights.readFloat32(up)];
  const [inner, outer] = [a.length / rank, b.length / rank];
  const sums = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    sums.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = scale * b[o * rank + r];
      for (let i = 0, at = r * inner; i < inner; i++, at++) sums[i] += factor * a[at];
    }
    if (fanInFanOut) { for (let i = 0; i < inner; i++) matrix[i * outer + o] += sums[i]; }
    else for (let i = 0, at = o * inner; i < inner; i++, at++) matrix[at] += sums[i];
  }
}

/** An adapter to be written. */
export interface NewAdapter {
  /** r, α, and whether α is divided by √r. */
  readonly rank: number;
  readonly alpha: number;
  readonly rslora: boolean;
  /** The last names of the modules that are adapted. */
  readonly targetModules: readonly string[];
  readonly fanInFanOut: boolean;
  /** The model that it belongs to: a folder, relative to that of the adapter, or a name on the hub with a revision. */
  readonly base: string;
  readonly revision?: string;
}

/** The adapter_config.json of an adapter, as PEFT writes it for a language model. */
export function adapterJson(adapter: NewAdapter): Readonly<Record<string, unknown>> {
  return {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: adapter.base,
    revision: adapter.revision ?? null,
    r: adapter.rank,
    lora_alpha: adapter.alpha,
    use_rslora: adapter.rslora,
    target_modules: adapter.targetModules,
    fan_in_fan_out: adapter.fanInFanOut,
    lora_dropout: 0,
    bias: "none",
    use_dora: false,
    modules_to_save: null,
    inference_mode: true,
  };
}

/** Tensors by the names that PEFT gives them. */
export function wrapped(
  tensors: Iterable<readonly [name: string, tensor: SafetensorsTensor]>,
): [string, SafetensorsTensor][] {
  return [...tensors].map(([name, tensor]) => [wrapper + name, tensor]);
}
