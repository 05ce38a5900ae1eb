import { Buffer } from "node:buffer";
import { extname } from "node:path";
import pl from "nodejs-polars";
import { readJsonLines } from "../files/json_lines.ts";
import { linesOf, readBytes } from "../files/lines.ts";
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
}

/**
 * Reads a table, in the format that the file's extension tells: `.tsv` (tabs, no quoting), `.csv`
 * (commas, quoting with `"`), both with a header and all values as strings; `.jsonl` or `.ndjson`,
 * where a column may be a path into nested objects, such as `prompt.text`; `.parquet`.
 *
 * @throws Error if the file cannot be read, is empty, or has another extension; SyntaxError if its
 *   content is not of that format or not UTF-8.
 */
export async function readTable(path: string, options: TableOptions = {}): Promise<Table> {
  const { records = [] } = options;
  const extension = extname(path).toLowerCase();
  const isJson = extension === ".jsonl" || extension === ".ndjson";
  if (records.length > 0 && !isJson) {
    throw new Error(
      `Cannot read '${path}': only .jsonl files have nested records, so leave 'records' out`,
    );
  }
  const table = isJson ? await readJsonTable(path, records) : await readFlatTable(path, extension);
  if (table.length === 0) {
    throw new Error(`Cannot read '${path}': it has no rows, so check that it is the right file`);
  }
  return table;
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
    throw noColumn(table.path, table.columns, defaults.map((name) => `'${name}'`).join(" or "));
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
  const text = typeof value === "bigint" ? String(value) : JSON.stringify(value) ?? String(value);
  return text.length > 40 ? text.slice(0, 40) + "…" : text;
}

function noColumn(path: string, columns: readonly string[], wanted: string): Error {
  const there = columns.map((name) => `'${name}'`).join(", ");
  return new Error(
    `Cannot read '${path}': it has no column ${wanted}, so name one of those it has: ${there}`,
  );
}

async function readFlatTable(path: string, extension: string): Promise<Table> {
  const bytes = await readBytes(path);
  if (bytes.length === 0) {
    throw new Error(`Cannot read '${path}': it is empty, so check that it is the right file`);
  }
  switch (extension) {
    case ".tsv":
      return tsvTable(path, bytes);
    case ".csv":
      return csvTable(path, bytes);
    case ".parquet":
      return parquetTable(path, bytes);
    default:
      throw new Error(
        `Cannot read '${path}': its name does not end in .tsv, .csv, .jsonl or .parquet, so ` +
          "rename it after its format",
      );
  }
}

/** Split here, as Polars would drop the fields of a line that has more than the header. */
function tsvTable(path: string, bytes: Uint8Array): Table {
  const [names, ...rows] = Array.from(linesOf(path, bytes), (line) => line.split("\t"));
  const long = rows.findIndex((row) => row.length > names.length);
  if (long >= 0) {
    throw new SyntaxError(
      `Cannot read '${path}': line ${long + 2} has ${rows[long].length} fields, but the header ` +
        `${names.length}, so remove the extra tabs`,
    );
  }
  const columns = new Map(names.map((name, i) => [name, () => rows.map((row) => row[i])]));
  return tableOf(path, columns, rows.length, (index) => `line ${index + 2}`);
}

function csvTable(path: string, bytes: Uint8Array): Table {
  for (const _ of linesOf(path, bytes)); // Reports bytes that are not UTF-8 with their line.
  const frame = parsed(
    path,
    "CSV",
    () => pl.readCSV(Buffer.from(bytes), { inferSchemaLength: 0, truncateRaggedLines: false }),
  );
  return frameTable(path, frame, (index) => `line ${lineOfRecord(bytes, index + 1)}`);
}

function parquetTable(path: string, bytes: Uint8Array): Table {
  const frame = parsed(path, "Parquet", () => pl.readParquet(Buffer.from(bytes)));
  return frameTable(path, frame, (index) => `row ${index + 1}`);
}

function parsed(path: string, format: string, parse: () => pl.DataFrame): pl.DataFrame {
  try {
    return parse();
  } catch (cause) {
    const [reason] = (cause as Error).message.split("\n");
    throw new SyntaxError(
      `Cannot read '${path}': it is not valid ${format} (${reason}), so write it again`,
      { cause },
    );
  }
}

function frameTable(path: string, frame: pl.DataFrame, place: Table["place"]): Table {
  const columns = new Map(
    frame.columns.map((name) => [name, () => frame.getColumn(name).toArray()]),
  );
  return tableOf(path, columns, frame.height, place);
}

/** The line (from 1) on which a CSV record begins: line feeds within quotes do not end a record. */
function lineOfRecord(bytes: Uint8Array, record: number): number {
  let line = 1;
  let quoted = false;
  for (let at = 0; at < bytes.length && record > 0; at++) {
    if (bytes[at] === 0x22) quoted = !quoted;
    if (bytes[at] !== 0x0a) continue;
    line++;
    if (!quoted) record--;
  }
  return line;
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
      if (!has(name)) throw noColumn(path, [...columns], `'${name}'`);
      return rows.map((row) => valueAt(row, name));
    },
    place: (index) => `line ${lines[index]}`,
  };
}

function tableOf(
  path: string,
  columns: ReadonlyMap<string, () => ArrayLike<unknown>>,
  length: number,
  place: Table["place"],
): Table {
  return {
    path,
    columns: [...columns.keys()],
    length,
    has: (name) => columns.has(name),
    column(name) {
      const values = columns.get(name);
      if (values === undefined) throw noColumn(path, [...columns.keys()], `'${name}'`);
      return values();
    },
    place,
  };
}
