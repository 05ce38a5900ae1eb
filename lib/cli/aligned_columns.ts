import { visibleLine } from "../notebook/visible_line.ts";

/** A table for the terminal: the first column to the left, the others, which are of numbers, to the right. */
export function alignedColumns(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((cells) => cells.map(visibleLine));
  const widths = shown[0].map((_, column) => Math.max(...shown.map((row) => row[column].length)));
  return shown.map((cells) =>
    cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
  );
}
