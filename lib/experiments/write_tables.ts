import { join } from "node:path";
import { polars } from "../data/polars.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { makeFolder } from "../files/make_folder.ts";
import { markdownText } from "./markdown_text.ts";

/** A cell of a table. */
export type Cell = string | number | null;

/**
 * Writes a table as CSV, Parquet and Markdown, each whole or not at all.
 *
 * @param columns names of the columns, in order.
 * @param rows one object a row; what is missing is empty.
 */
export async function writeTables(
  folder: string,
  name: string,
  columns: readonly string[],
  rows: readonly Readonly<Record<string, Cell>>[],
): Promise<void> {
  await makeFolder(folder);
  const pl = await polars();
  const frame = pl.DataFrame(
    Object.fromEntries(columns.map((column) => [column, rows.map((row) => row[column] ?? null)])),
  );
  await writeAtomically(join(folder, `${name}.csv`), frame.writeCSV().toString());
  await writeAtomically(join(folder, `${name}.parquet`), new Uint8Array(frame.writeParquet()));
  await writeAtomically(join(folder, `${name}.md`), markdownTable(columns, rows));
}

/** A table in Markdown, numbers to four digits. */
export function markdownTable(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, Cell>>[],
): string {
  const shown = (cell: Cell | undefined) =>
    typeof cell === "number" ? String(Number(cell.toPrecision(4))) : markdownText(cell ?? "");
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return line(columns) + line(columns.map(() => "---")) +
    rows.map((row) => line(columns.map((column) => shown(row[column])))).join("");
}
