import { extname } from "node:path";
import type { DataFrame } from "nodejs-polars";
import { readJsonLines } from "../files/json_lines.ts";
import type { Kind } from "../options/option.ts";
import { FrameColumns } from "./frame_columns.ts";
import { missingColumn } from "./missing_column.ts";
import { openRows } from "./row_stream.ts";
import { isObject, valueAt } from "./value_at.ts";

/** Rows of named columns, read from a file. */
export interface Table {
  /** The file that the rows come from. */
  readonly path: string;
  /** The names of the columns. */
  readonly columns: readonly string[];
  /** How many rows there are. */
  readonly length: number;
  /** Whether there is a column of that name. */
  has(name: string): boolean;
  /** The values of a column, one a row; null or undefined where there is none. */
  column(name: string): ArrayLike<unknown>;
  /** Where the row with that index (from 0) stands in the file, such as "line 7". */
  place(index: number): string;
}

/** Options of `readTable`. */
export interface TableOptions {
  /**
   * Names of nested records of a JSON Lines file; each line then gives one row per name, with the
   * record's own fields as columns. Default: none, each line is one row.
   */
  records?: readonly string[];
  /** The columns that may be asked for; others need not be kept in memory. Default: all. */
  columns?: readonly string[];
}

/**
 * Reads a table, in the format that the file's extension tells: `.tsv` (tabs), `.csv`
 * (RFC 4180), both with a header and all values as strings; `.jsonl` or `.ndjson`, `.parquet`, where a
 * column may be a path into nested objects, such as `prompt.text`.
 *
 * @throws Error if the file cannot be read, is empty, or has another extension; SyntaxError if its
 *   content is not of that format or not UTF-8.
 */
export async function readTable(path: string, options: TableOptions = {}): Promise<Table> {
  const { records = [], columns } = options;
  const extension = extname(path).toLowerCase();
  const isJson = extension === ".jsonl" || extension === ".ndjson";
  if (records.length > 0 && !isJson) {
    throw new Error(
      `Cannot read '${path}': only .jsonl files have nested records, so leave 'records' out`,
    );
  }
  const table = isJson ? await readJsonTable(path, records) : await readFlatTable(path, columns);
  if (table.length === 0) {
    throw new Error(`Cannot read '${path}': it has no rows, so check that it is the right file`);
  }
  return table;
}

/** Files to be read, as an argument. */
export const pathsKind = {
  type: "list",
  of: { type: "text" },
  empty: false,
} as const satisfies Kind;

/** A Polars frame as a table. */
export async function frameTable(frame: DataFrame): Promise<Table> {
  const columns = await FrameColumns.of(frame);
  const { names } = columns;
  return {
    path: "frame",
    columns: names,
    length: frame.height,
    has: (name) => names.includes(name),
    column(name) {
      if (!names.includes(name)) throw missingColumn("frame", [name], names);
      return columns.read(name);
    },
    place: (index) => `row ${index + 1}`,
  };
}

/**
 * The name of a table's text column: `given`, or the first of `defaults` that the table has.
 *
 * @throws Error, naming the columns there are, if there is none.
 */
export function textColumn(
  table: Table,
  given: string | undefined,
  defaults: readonly string[],
): string {
  const name = given ?? defaults.find((name) => table.has(name));
  if (name === undefined) {
    throw missingColumn(table.path, defaults, table.columns);
  }
  return name;
}

/**
 * A value of a text column, or undefined where the text is missing or empty.
 *
 * @throws TypeError if it is not a text.
 */
export function textAt(
  table: Table,
  name: string,
  column: ArrayLike<unknown>,
  index: number,
): string | undefined {
  const value = column[index] ?? "";
  if (typeof value !== "string") {
    throw new TypeError(
      `Cannot read '${table.path}': ${table.place(index)} has no text in column '${name}' but ` +
        `${shown(value)}, so name the column that holds the text`,
    );
  }
  return value === "" ? undefined : value;
}

/** A value as an error message shows it. */
export function shown(value: unknown): string {
  const isNumber = typeof value === "bigint" || typeof value === "number";
  const text = isNumber ? String(value) : JSON.stringify(value) ?? String(value);
  return text.length > 40 ? text.slice(0, 40) + "…" : text;
}

async function readFlatTable(path: string, wanted?: readonly string[]): Promise<Table> {
  const { columns, rows } = await openRows(path);
  const kept = columns.filter((name) => wanted?.includes(name) ?? true);
  const places: string[] = [];
  const values = kept.map((): unknown[] => []);
  for await (const row of rows(kept)) {
    places.push(row.place);
    row.values.forEach((value, i) => values[i].push(value));
  }
  return {
    path,
    columns,
    length: places.length,
    has: (name) => columns.includes(name),
    column(name) {
      if (!columns.includes(name)) throw missingColumn(path, [name], columns);
      return values[kept.indexOf(name)];
    },
    place: (index) => places[index],
  };
}

async function readJsonTable(path: string, records: readonly string[]): Promise<Table> {
  const rows: unknown[] = [];
  const lines: number[] = [];
  for await (const { line, row } of readJsonLines(path)) {
    for (const part of records.length > 0 ? records.map((name) => valueAt(row, name)) : [row]) {
      rows.push(part);
      lines.push(line);
    }
  }
  const columns = new Set(rows.flatMap((row) => isObject(row) ? Object.keys(row) : []));
  const has = (name: string) => rows.some((row) => valueAt(row, name) !== undefined);
  return {
    path,
    columns: [...columns],
    length: rows.length,
    has,
    column(name) {
      if (!has(name)) throw missingColumn(path, [name], [...columns]);
      return rows.map((row) => valueAt(row, name));
    },
    place: (index) => `line ${lines[index]}`,
  };
}
