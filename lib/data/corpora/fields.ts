import { numberOf } from "../number_of.ts";
import type { StreamedRow } from "../row_stream.ts";
import { shown } from "../table.ts";

/** The fields of one file's rows, read by name and checked; errors say in which file and row a value is wrong. */
export class Fields {
  readonly columns: readonly string[];
  readonly #path: string;

  /**
   * @param path the file, for errors.
   * @param there the columns that the file has.
   * @param columns the columns that are read.
   * @param corpus the name of the corpus, for errors.
   * @throws Error if one of `columns` is not there.
   */
  constructor(
    corpus: string,
    path: string,
    there: readonly string[],
    columns: readonly string[],
  ) {
    const missing = columns.find((name) => !there.includes(name));
    if (missing !== undefined) {
      throw new Error(
        `Cannot read '${path}' as ${corpus}: it has no column '${missing}' (it has ${
          there.map((name) => `'${name}'`).join(", ")
        }), so check that it is the right file`,
      );
    }
    this.#path = path;
    this.columns = columns;
  }

  /** A text, or undefined where it is missing or empty. @throws TypeError if it is something else. */
  text(row: StreamedRow, name: string): string | undefined {
    const value = this.#value(row, name) ?? "";
    if (typeof value !== "string") throw new TypeError(this.#wrong(row, name, value, "a text"));
    return value === "" ? undefined : value;
  }

  /** A number in [0, 1], or NaN where it is missing. @throws TypeError or RangeError if it is something else. */
  share(row: StreamedRow, name: string): number {
    return this.number(row, name, 0, 1);
  }

  /** A number in a range, or NaN where it is missing. @throws TypeError or RangeError if it is something else. */
  number(row: StreamedRow, name: string, min: number, max: number): number {
    const value = this.#value(row, name);
    const number = numberOf(value);
    const wanted = `a number from ${min} to ${max}`;
    if (number === undefined) throw new TypeError(this.#wrong(row, name, value, wanted));
    if (number < min || number > max) {
      throw new RangeError(this.#wrong(row, name, number, wanted));
    }
    return number;
  }

  #value(row: StreamedRow, name: string): unknown {
    return row.values[this.columns.indexOf(name)];
  }

  #wrong({ place }: StreamedRow, name: string, value: unknown, wanted: string): string {
    return `Cannot read '${this.#path}': ${place} has ${
      shown(value)
    } in column '${name}', which must be ${wanted}, ` +
      "so correct or remove that row";
  }
}
