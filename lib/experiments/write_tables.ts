import { join } from "node:path";
import { polars } from "../data/polars.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { makeFolder } from "../files/make_folder.ts";
import { unlessMissing } from "../optional_package.ts";
import { markdownText } from "./markdown_text.ts";

/** A cell of a table. */
export type Cell = string | number | null;

/**
 * Writes a table as CSV, Markdown and Parquet, each whole or not at all. Where Polars is not installed, as in a pack,
 * Parquet is left out, and standard error says so.
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
  await writeAtomically(join(folder, `${name}.csv`), csvTable(columns, rows));
  await writeAtomically(join(folder, `${name}.md`), markdownTable(columns, rows));
  await unlessMissing(async () => {
    const pl = await polars();
    const frame = pl.DataFrame(
      Object.fromEntries(columns.map((column) => [column, rows.map((row) => row[column] ?? null)])),
    );
    await writeAtomically(join(folder, `${name}.parquet`), new Uint8Array(frame.writeParquet()));
  });
}

/** A table as CSV (RFC 4180), with a header. */
function csvTable(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, Cell>>[],
): string {
  const shown = (cell: Cell | undefined) => {
    const text = String(cell ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))]
    .map((cells) => cells.map(shown).join(",") + "\n").join("");
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
