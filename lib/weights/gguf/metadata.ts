import type { GgufFile } from "./gguf_file.ts";
import type { GgufValue } from "./gguf_header.ts";
import { invalidGguf } from "./header_cursor.ts";

/** The metadata of a GGUF file, read one by one, so that each that is wrong is named. */
export class Metadata {
  readonly path: string;
  readonly #values: ReadonlyMap<string, GgufValue>;

  constructor({ path, metadata }: Pick<GgufFile, "path" | "metadata">) {
    this.path = path;
    this.#values = metadata;
  }

  /** A text; undefined where there is none. @throws {SyntaxError} if it is something else. */
  text(key: string): string | undefined {
    return this.#as(key, "a text", (value) => typeof value === "string");
  }

  /** @throws {SyntaxError} if it is neither true nor false. */
  flag(key: string): boolean | undefined {
    return this.#as(key, "true or false", (value) => typeof value === "boolean");
  }

  /** A token below `count`; undefined where there is none. @throws {SyntaxError} if it is something else. */
  token(key: string, count: number): number | undefined {
    const isToken = (value: GgufValue) => Number.isInteger(value) && value as number >= 0;
    const id = this.#as<number>(key, "a token's id", isToken);
    // some converters write -1 or the largest number where there is none
    return id !== undefined && id < count ? id : undefined;
  }

  /** A list of texts. @throws {SyntaxError} if it is something else. */
  texts(key: string): readonly string[] | undefined {
    return this.#list(key, "texts", (value) => typeof value === "string");
  }

  /** A list of so many numbers. @throws {SyntaxError} if it is something else. */
  numbers(key: string, count: number): readonly number[] | undefined {
    const list = this.#list<number>(key, "numbers", (value) => typeof value === "number");
    if (list !== undefined && list.length !== count) {
      throw this.wrong(key, `must be a list of ${count} numbers, and has ${list.length}`);
    }
    return list;
  }

  /** All that begin with a text, without it. */
  within(prefix: string): Record<string, GgufValue> {
    return Object.fromEntries(
      [...this.#values]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value]),
    );
  }

  wrong(key: string, problem: string): SyntaxError {
    return invalidGguf(this.path, `its ${key} ${problem}`);
  }

  #as<Value extends GgufValue>(
    key: string,
    what: string,
    is: (value: GgufValue) => boolean,
  ): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (!is(value)) throw this.wrong(key, `must be ${what}`);
    return value as Value;
  }

  #list<Value extends GgufValue>(
    key: string,
    what: string,
    is: (value: GgufValue) => boolean,
  ): readonly Value[] | undefined {
    return this.#as(
      key,
      `a list of ${what}`,
      (value) => Array.isArray(value) && value.every(is),
    );
  }
}
