import { extname } from "node:path";
import { readCsvHeader, readCsvRecords } from "../files/csv_records.ts";
import { cannotRead } from "../files/file_errors.ts";
import { readJsonLines } from "../files/json_lines.ts";
import { ParquetFile } from "../files/parquet/parquet_file.ts";
import { readTsvRecords } from "../files/tsv_records.ts";
import { missingColumn } from "./missing_column.ts";
import { valueAt } from "./value_at.ts";

/** One row, as it is read. */
export interface StreamedRow {
  /** Where it stands in the file, such as "line 7". */
  place: string;
  /** The values of the chosen columns; null or undefined where there is none. */
  values: unknown[];
}

/** The rows of a table, read one after the other: the file may be larger than the memory. */
export interface RowStream {
  readonly path: string;
  /** The names of the columns; of JSON Lines, the paths of the first thousand rows' fields, such as `prompt.text`. */
  readonly columns: readonly string[];
  /** The size of the file, in bytes. */
  readonly size: number;
  /**
   * Reads the rows from the first.
   *
   * @param columns the columns that are wanted; others are not decoded.
   * @param onBytes called as reading goes on with about how many bytes are done.
   * @throws Error if there is no such column; SyntaxError, naming the line, if the file is not of its format.
   */
  rows(columns: readonly string[], onBytes?: (bytes: number) => void): AsyncGenerator<StreamedRow>;
}

/**
 * Opens a table to be read row by row in bounded memory, in the format that the file's extension tells: `.csv` (RFC
 * 4180), `.tsv` (tabs), `.jsonl` or `.ndjson`, `.parquet`; in the last two a column may be a path into nested
 * objects or structs.
 * Values of CSV and TSV are strings.
 *
 * @throws Error if the file cannot be read or has another extension; SyntaxError if it is not of that format.
 */
export async function openRows(path: string): Promise<RowStream> {
  let size: number;
  try {
    ({ size } = await Deno.stat(path));
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  const open = formats[extname(path).toLowerCase()];
  if (open === undefined) {
    throw new Error(
      `Cannot read '${path}': its name does not end in .tsv, .csv, .jsonl or .parquet, so rename it after its format`,
    );
  }
  if (size === 0) {
    throw new SyntaxError(`Cannot read '${path}': it is empty, so check that it is the right file`);
  }
  const { columns, rows } = await open(path, size);
  if (columns.some((name) => name.includes("\0"))) {
    throw new SyntaxError(
      `Cannot read '${path}': it holds NUL bytes, as UTF-16 does, so save it as UTF-8`,
    );
  }
  const twice = open === jsonRows ? undefined : repeatedIn(columns);
  if (twice !== undefined) {
    throw new SyntaxError(
      `Cannot read '${path}': it has two columns named '${twice}', so rename one of them`,
    );
  }
  return {
    path,
    size,
    columns,
    rows(wanted, onBytes) {
      const missing = open === jsonRows
        ? undefined
        : wanted.find((name) => !columns.includes(name));
      if (missing !== undefined) throw missingColumn(path, [missing], columns);
      return rows(wanted, onBytes);
    },
  };
}

/** The first name that was there before. */
function repeatedIn(names: readonly string[]): string | undefined {
  const before = new Set<string>();
  for (const name of names) {
    if (before.has(name)) return name;
    before.add(name);
  }
}

type Format = (path: string, size: number) => Promise<Pick<RowStream, "columns" | "rows">>;

const formats: Readonly<Record<string, Format>> = {
  ".csv": csvRows,
  ".tsv": tsvRows,
  ".jsonl": jsonRows,
  ".ndjson": jsonRows,
  ".parquet": parquetRows,
};

async function csvRows(path: string): ReturnType<Format> {
  const columns = await readCsvHeader(path);
  return {
    columns,
    async *rows(wanted, onBytes) {
      const select = (header: readonly string[]) => wanted.map((name) => header.indexOf(name));
      for await (const { line, cells } of readCsvRecords(path, { select, onBytes })) {
        yield { place: `line ${line}`, values: cells };
      }
    },
  };
}

async function tsvRows(path: string): ReturnType<Format> {
  const columns: string[] = [];
  for await (const { cells } of readTsvRecords(path)) {
    columns.push(...cells);
    break;
  }
  return {
    columns,
    async *rows(wanted, onBytes) {
      const indices = wanted.map((name) => columns.indexOf(name));
      for await (const { line, cells } of readTsvRecords(path, { onBytes })) {
        if (line > 1) yield { place: `line ${line}`, values: indices.map((i) => cells[i]) };
      }
    },
  };
}

/** Rows of JSON Lines whose fields are the columns that there are: any of them may lack some. */
const jsonRowsLookedAt = 1000;

async function jsonRows(path: string): ReturnType<Format> {
  const names = new Set<string>();
  let looked = 0;
  for await (const { row } of readJsonLines(path)) {
    for (const name of pathsIn(row)) names.add(name);
    if (++looked === jsonRowsLookedAt) break;
  }
  const columns = [...names];
  return {
    columns,
    async *rows(wanted, onBytes) {
      for await (const { line, row } of readJsonLines(path, onBytes)) {
        yield { place: `line ${line}`, values: wanted.map((name) => valueAt(row, name)) };
      }
    },
  };
}

/** The paths of all that is not an object. */
function pathsIn(row: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(row).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? pathsIn(value as Record<string, unknown>).map((path) => `${name}.${path}`)
      : [name]
  );
}

/** Rows between two reports of how far reading is. */
const parquetRowsAtOnce = 10_000;

async function parquetRows(path: string, size: number): ReturnType<Format> {
  const file = await ParquetFile.open(path);
  return {
    columns: file.columns,
    async *rows(wanted, onBytes) {
      let row = 0;
      for await (const values of file.rows(wanted)) {
        yield { place: `row ${++row}`, values };
        if (row % parquetRowsAtOnce === 0 || row === file.height) {
          onBytes?.(Math.round(size * row / file.height));
        }
      }
    },
  };
}
