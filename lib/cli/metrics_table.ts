import type { Interval } from "../eval/bootstrap.ts";
import type { ScoreTableRow } from "../eval/score_table.ts";

/** The metrics of scores as a table for the terminal, with 95 % intervals over prompts. */
export function metricsTable(rows: readonly ScoreTableRow[]): string {
  const header = ["label", "mean of maxima", "any ≥ 0.5", "share > 0.5", "no score"];
  const body = rows.map((row) => [
    row.label,
    shown(row.averageMaximum),
    shown(row.anyAtLeastHalf),
    shown(row.shareAboveHalf),
    String(row.withoutScore),
  ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...body].map((cells) => cells[column].length))
  );
  return [header, ...body].map((cells) =>
    cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
  ).join("\n");
}

function shown({ estimate, low, high }: Interval): string {
  if (Number.isNaN(estimate)) return "–";
  const range = Number.isNaN(low) ? "" : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return estimate.toFixed(3) + range;
}
