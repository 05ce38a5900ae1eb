import { visibleLine } from "./visible_line.ts";

/**
 * Rows as lines of text, one each, in columns as wide as their widest cell.
 *
 * @param numbers which columns are of numbers, and aligned to the right. Default: all but the first.
 */
export function alignedColumns(
  rows: readonly (readonly string[])[],
  numbers: readonly boolean[] = rows[0].map((_, column) => column > 0),
): string[] {
  const shown = rows.map((cells) => cells.map(visibleLine));
  const widths = numbers.map((_, column) => Math.max(...shown.map((row) => row[column].length)));
  return shown.map((cells) =>
    cells.map((cell, column) =>
      numbers[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
    ).join("  ").trimEnd()
  );
}
