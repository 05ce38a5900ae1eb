import { streamLines } from "./lines.ts";
import type { CsvRecord } from "./csv_records.ts";

/** Options of `readTsvRecords`. */
export interface TsvRecordsOptions {
  /** Called as reading goes on with how many bytes are done. */
  onBytes?: (bytes: number) => void;
}

/**
 * Reads a file of cells between tabs line by line, whatever its size. The first line is the header, and comes first; every
 * other must have as many cells as it has.
 *
 * Cells stand as they are, quotation marks included, as in GLUE's files. Those that a program quoted are unquoted: where the
 * header's names all are in quotation marks, cells that are too; elsewhere cells in quotation marks that have such marks
 * within, all doubled.
 *
 * @throws Error if the file cannot be read; SyntaxError, naming the line, if it is empty, not UTF-8, or a line has more
 *   or fewer cells.
 */
export async function* readTsvRecords(
  path: string,
  { onBytes }: TsvRecordsOptions = {},
): AsyncGenerator<CsvRecord> {
  let line = 0;
  let columns = 0;
  let isQuoted = false;
  const refuse = (what: string, remedy: string) =>
    new SyntaxError(`Cannot read '${path}': line ${line} ${what}, so ${remedy}`);
  for await (const text of streamLines(path, onBytes)) {
    line++;
    const cells = text.split("\t");
    if (line === 1) {
      columns = cells.length;
      isQuoted = cells.every((cell) => /^"[^"]*"$/.test(cell));
    } else if (text === "" && columns > 1) continue;
    if (cells.length !== columns) {
      throw refuse(
        `has ${cells.length} cells, but the header ${columns}`,
        "have one row a line and no tabs within cells",
      );
    }
    yield { line, cells: cells.map((cell) => unquoted(cell, isQuoted)) };
  }
  if (line === 0) {
    throw new SyntaxError(`Cannot read '${path}': it is empty, so check that it is the right file`);
  }
}

function unquoted(cell: string, always: boolean): string {
  if (cell.length < 2 || !cell.startsWith('"') || !cell.endsWith('"')) return cell;
  const inner = cell.slice(1, -1);
  if (inner.replaceAll('""', "").includes('"')) return cell;
  return always || inner.includes('""') ? inner.replaceAll('""', '"') : cell;
}
