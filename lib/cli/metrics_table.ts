import type { Interval } from "../eval/bootstrap.ts";
import type { ScoreTableRow } from "../eval/score_table.ts";
import { alignedColumns } from "../notebook/aligned_columns.ts";

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
  return alignedColumns([header, ...body]).join("\n");
}

function shown({ estimate, low, high }: Interval): string {
  if (Number.isNaN(estimate)) return "–";
  const range = Number.isNaN(low) ? "" : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return estimate.toFixed(3) + range;
}
