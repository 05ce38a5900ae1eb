import { join } from "node:path";
import { cannotRead } from "../lib/files/file_errors.ts";
import { readJsonFile } from "../lib/files/json_file.ts";
import { openSafetensors, type SafetensorsFile } from "../lib/weights/safetensors.ts";
import type { NumericArray } from "./compare.ts";

/** A folder of golden numbers: for each NAME a `NAME.json`, and mostly a `NAME.safetensors` for its arrays. */
export class GoldenFolder {
  readonly path: string;
  readonly #files = new Map<string, GoldenFile>();

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws {Error} if there is no such folder. Its files are read when they are asked for. */
  static async open(path: string): Promise<GoldenFolder> {
    const stat = await Deno.stat(path).catch((cause) => {
      if (!(cause instanceof Deno.errors.NotFound)) throw cannotRead(path, cause);
      throw new Error(`Cannot read '${path}': there is no such folder, so check the path`, {
        cause,
      });
    });
    if (!stat.isDirectory) {
      throw new Error(`Cannot read '${path}': it is a file, so name the folder of golden numbers`);
    }
    return new GoldenFolder(path);
  }

  /** The numbers of one name; the same object every time. */
  file(name: string): GoldenFile {
    let file = this.#files.get(name);
    if (!file) this.#files.set(name, file = new GoldenFile(this.path, name));
    return file;
  }
}

/**
 * The golden numbers of one name. A quantity is found by its path in the JSON, such as `cases.0.rewards`; where the
 * JSON has a reference to a tensor there, or nothing, the tensor is taken.
 *
 * All methods throw an Error if a file or the quantity is missing, and a SyntaxError if it is not what it should be.
 */
export class GoldenFile {
  readonly name: string;
  readonly #path: string;
  #json?: Promise<unknown>;
  #tensors?: Promise<SafetensorsFile>;
  readonly #taken = new Set<string>();

  constructor(folder: string, name: string) {
    this.name = name;
    this.#path = join(folder, name);
  }

  /** Everything that the JSON holds. */
  json(): Promise<unknown> {
    return this.#json ??= readJsonFile(`${this.#path}.json`);
  }

  /** What the JSON holds at a path. */
  async at(path: string): Promise<unknown> {
    const value = await this.#find(path);
    if (value === undefined) throw this.#missing(path);
    return value;
  }

  /** Whether there is a quantity of this path, in the JSON or as a tensor. */
  async has(path: string): Promise<boolean> {
    return await this.#find(path) !== undefined || await this.hasTensor(path);
  }

  async hasTensor(name: string): Promise<boolean> {
    return (await this.#openTensors().catch(() => undefined))?.tensors.has(name) ?? false;
  }

  /** A number. */
  async number(path: string): Promise<number> {
    const value = await this.at(path);
    if (typeof value !== "number") throw this.#wrong(path, "a number");
    return value;
  }

  /** A truth value. */
  async boolean(path: string): Promise<boolean> {
    const value = await this.at(path);
    if (typeof value !== "boolean") throw this.#wrong(path, "true or false");
    return value;
  }

  /** How many elements the list at a path has. */
  async count(path: string): Promise<number> {
    const value = await this.at(path);
    if (!Array.isArray(value)) throw this.#wrong(path, "a list");
    return value.length;
  }

  /** Rows of token ids, or of a mask's zeros and ones; rows may differ in length. */
  async ids(path: string): Promise<number[][]> {
    const rows = await this.at(path);
    const isId = (id: unknown) => Number.isSafeInteger(id) && (id as number) >= 0;
    const fits = Array.isArray(rows) && rows.length > 0 &&
      rows.every((row) => Array.isArray(row) && row.every(isId));
    if (!fits) throw this.#wrong(path, "rows of integers from 0 up");
    return rows;
  }

  /** An array or a single number. In the JSON, null is NaN and `"-Infinity"` is −∞. */
  async array(path: string): Promise<NumericArray> {
    const value = await this.#find(path);
    if (value === undefined) {
      if (await this.hasTensor(path)) return await this.tensor(path);
      throw this.#missing(path);
    }
    if (isReference(value)) {
      const tensor = await this.tensor(value.tensor);
      if (value.shape && value.shape.join() !== tensor.shape.join()) {
        throw new SyntaxError(
          `'${this.#path}.json' gives ${path} the shape [${value.shape}], ` +
            `but its tensor ${value.tensor} has [${tensor.shape}]`,
        );
      }
      return tensor;
    }
    const data: number[] = [];
    const shape = flatten(value, data);
    if (!shape) throw this.#wrong(path, "a number or nested lists of numbers, all of one length");
    return { shape, data };
  }

  /** A tensor of the safetensors file: floats as float32, masks as they are. */
  async tensor(name: string): Promise<NumericArray> {
    this.#taken.add(name);
    const file = await this.#openTensors();
    const entry = file.tensors.get(name);
    if (!entry) {
      throw new Error(
        `There is no tensor ${name} in '${this.#path}.safetensors': the folder is not complete`,
      );
    }
    const { shape, dtype } = entry;
    const data = dtype === "U8" ? await file.read(name) : await file.readFloat32(name);
    return { shape, data: data as Uint8Array | Float32Array };
  }

  /** The tensors that nobody asked for so far. */
  async untaken(): Promise<string[]> {
    const file = await this.#openTensors().catch(() => undefined);
    return [...file?.tensors.keys() ?? []].filter((name) => !this.#taken.has(name));
  }

  async #find(path: string): Promise<unknown> {
    return valueAt(await this.json(), path.split("."));
  }

  #openTensors(): Promise<SafetensorsFile> {
    return this.#tensors ??= openSafetensors(`${this.#path}.safetensors`);
  }

  #missing(path: string): Error {
    return new Error(`There is no ${path} in '${this.#path}.json': the folder is not complete`);
  }

  #wrong(path: string, wanted: string): SyntaxError {
    return new SyntaxError(`'${this.#path}.json' must have ${wanted} at ${path}`);
  }
}

/** What lies at a path of keys; keys may themselves hold dots, as names of parameters do. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  if (path.length === 0) return value;
  if (typeof value !== "object" || value === null) return undefined;
  for (let length = 1; length <= path.length; length++) {
    const key = path.slice(0, length).join(".");
    if (!Object.hasOwn(value, key)) continue;
    const found = valueAt((value as Record<string, unknown>)[key], path.slice(length));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isReference(value: unknown): value is { tensor: string; shape?: number[] } {
  return typeof value === "object" && value !== null &&
    typeof (value as { tensor?: unknown }).tensor === "string";
}

/** Appends all numbers in nested lists to `data` and gives their shape; undefined if it is not an array. */
function flatten(value: unknown, data: number[]): number[] | undefined {
  if (value === null) value = NaN;
  if (value === "-Infinity") value = -Infinity;
  if (typeof value === "number") {
    data.push(value);
    return [];
  }
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0) return [0];
  const shapes = value.map((part) => flatten(part, data));
  const [first] = shapes;
  if (!first || shapes.some((shape) => shape?.join() !== first.join())) return undefined;
  return [value.length, ...first];
}
