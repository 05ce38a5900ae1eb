import type { SweepRow } from "../experiments/sweep_row.ts";
import { alignedColumns } from "../notebook/aligned_columns.ts";

/** A sweep as a table for the terminal: one line a system and β, with 95 % intervals. */
export function sweepTable(rows: readonly SweepRow[], scoreTitle: string): string {
  const header = ["system", "β", scoreTitle, "perplexity", "backbone calls", "tokens/s"];
  const body = rows.map((row) => [
    row.system,
    String(row.beta),
    interval(row.score, row.scoreLow, row.scoreHigh, 3),
    interval(row.perplexity, row.perplexityLow, row.perplexityHigh, 2),
    row.backboneCalls.toFixed(0),
    row.tokensPerSecond.toFixed(0),
  ]);
  return alignedColumns([header, ...body]).join("\n");
}

function interval(
  value: number,
  low: number | null | undefined,
  high: number | null | undefined,
  digits: number,
): string {
  const range = low == null || high == null
    ? ""
    : ` [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
  return value.toFixed(digits) + range;
}
