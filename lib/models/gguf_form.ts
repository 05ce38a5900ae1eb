import type { ConfigJson } from "./config_json.ts";

/** What a GGUF file says of a model, beside its tokenizer. */
export interface GgufModel {
  /** The metadata of the architecture, without its name before them: `block_count`, `attention.head_count`. */
  readonly settings: ConfigJson;
  /** Rows of the token embeddings. */
  readonly vocabulary: number;
  /** Whether there is a tensor of this name. */
  has(tensor: string): boolean;
  /** The rotary positions' factors of `rope_freqs.weight`, where there are some. */
  readonly ropeFactors?: Float32Array;
}

/** Where a parameter stands in a GGUF file, and what llama.cpp's converter did to it. */
export interface GgufParameter {
  readonly tensor: string;
  /** The tensor's row that is row `row` of the parameter. Default: the same. */
  readonly row?: (row: number) => number;
  /** Whether rows and columns have changed places. Default false. */
  readonly transposed?: boolean;
  /** What was added. Default 0. */
  readonly added?: number;
}

/** How llama.cpp writes the models of an architecture into GGUF files. */
export interface GgufForm {
  /** What `general.architecture` says. */
  readonly name: string;
  /** The config.json of the model, without `model_type`, vocabulary and special tokens. @throws {RangeError | TypeError} as `ConfigJson` does. */
  config(model: GgufModel): Readonly<Record<string, unknown>>;
  /** Where a parameter of a model with this config.json stands; undefined if it has none of this name. */
  parameter(name: string, config: Readonly<Record<string, unknown>>): GgufParameter | undefined;
  /** Tensors that are no parameters, by what they have to be a copy of, or `null`, where `config` has read them. Default: none. */
  readonly others?: Readonly<Record<string, string | null>>;
}

/** Names within a block and outside of blocks, Hugging Face's → llama.cpp's, without `.weight` and `.bias`. */
export interface GgufNames {
  /** What stands before a block's number: `model.layers.`. */
  readonly blocks: string;
  readonly within: Readonly<Record<string, string>>;
  readonly outside: Readonly<Record<string, string>>;
}

/** llama.cpp's name of a parameter. */
export function ggufName({ blocks, within, outside }: GgufNames, name: string): string | undefined {
  const [, module, kind] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  if (module === undefined) return undefined;
  if (!module.startsWith(blocks)) {
    return Object.hasOwn(outside, module) ? `${outside[module]}.${kind}` : undefined;
  }
  const [, block, part] = /^(\d+)\.(.*)$/.exec(module.slice(blocks.length)) ?? [];
  return Object.hasOwn(within, part) ? `blk.${block}.${within[part]}.${kind}` : undefined;
}

/** A number that was stored as float32, in the decimal digits that it was meant in: 1e-5 and not 9.999999747378752e-6. */
export function decimal(value: number): number {
  const digits = [6, 7, 8, 9].map((count) => Number(value.toPrecision(count)));
  return digits.find((each) => Math.fround(each) === Math.fround(value)) ?? value;
}
