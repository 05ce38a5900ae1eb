import type { SweepRow } from "../experiments/sweep.ts";

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
  const widths = header.map((_, column) =>
    Math.max(...[header, ...body].map((cells) => cells[column].length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ");
  return [line(header), ...body.map(line)].join("\n");
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
