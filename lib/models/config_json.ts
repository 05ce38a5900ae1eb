/** More than any model has: each of them takes memory before a weight is looked for. */
const mostBlocks = 4096;

/** The settings of a model's config.json, read one by one, so that each that is wrong is named. */
export class ConfigJson {
  readonly values: Readonly<Record<string, unknown>>;
  /** Named in errors, usually the file's path. */
  readonly where: string;

  constructor(values: Readonly<Record<string, unknown>>, where: string) {
    this.values = values;
    this.where = where;
  }

  /** A positive whole number. @throws {RangeError} if it is none. */
  size(key: string, fallback?: unknown): number {
    const value = this.values[key] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw new RangeError(`${this.#says(key, value)}; it must be a positive integer.`);
    }
    return value as number;
  }

  /** How many blocks there are. @throws {RangeError} if it is no number of them, or more than any model has. */
  blocks(key: string): number {
    const count = this.size(key);
    if (count > mostBlocks) {
      throw new RangeError(`${this.#says(key, count)}; it must be ${mostBlocks} at most.`);
    }
    return count;
  }

  /** A number above 0. @throws {RangeError} if it is none. */
  positive(key: string, fallback?: number): number {
    const value = this.values[key] ?? fallback;
    if (typeof value !== "number" || !(value > 0 && value < Infinity)) {
      throw new RangeError(`${this.#says(key, value)}; it must be positive.`);
    }
    return value;
  }

  /** @throws {TypeError} if it is neither true nor false. */
  flag(key: string, fallback: boolean): boolean {
    const value = this.values[key] ?? fallback;
    if (typeof value !== "boolean") {
      throw new TypeError(`${this.#says(key, value)}; it must be true or false.`);
    }
    return value;
  }

  /** One of some values; the first is named where it is another. @throws {TypeError} if it is another. */
  oneOf<const Value>(key: string, allowed: readonly Value[]): Value {
    const value = this.values[key];
    if (!allowed.includes(value as Value)) {
      throw new TypeError(
        `${this.#says(key, value)}, which is not supported; ` +
          `it must be ${JSON.stringify(allowed[0])}.`,
      );
    }
    return value as Value;
  }

  /** A list of so many entries; undefined where there is none. @throws {TypeError} if it is another. */
  list(key: string, length: number): readonly unknown[] | undefined {
    const value = this.values[key] ?? undefined;
    if (value !== undefined && !(Array.isArray(value) && value.length === length)) {
      throw new TypeError(`${this.#says(key, value)}; it must be a list of ${length}.`);
    }
    return value;
  }

  /** Settings within a setting; undefined where there are none. @throws {TypeError} if it holds anything else. */
  within(key: string): ConfigJson | undefined {
    const value = this.values[key] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) {
      throw new TypeError(`${this.#says(key, value)}; it must be an object.`);
    }
    return new ConfigJson(value as Record<string, unknown>, `${this.where}: ${key}`);
  }

  /** A token below `vocabulary`; of a list of them the first. @throws {RangeError} if it is none. */
  token(key: string, vocabulary: number, fallback: unknown): number {
    const value = [this.values[key] ?? fallback].flat()[0];
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= vocabulary) {
      throw new RangeError(
        `${this.#says(key, value)}; it must be a token below vocab_size ${vocabulary}.`,
      );
    }
    return value as number;
  }

  #says(key: string, value: unknown): string {
    return `${this.where} says ${key}: ${JSON.stringify(value)}`;
  }
}
