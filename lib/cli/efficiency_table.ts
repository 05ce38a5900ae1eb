import type { EfficiencyMeasurement } from "../experiments/efficiency.ts";

const widths = [13, 10, 9, 17, 10, 13, 9, 13];

const line = (cells: readonly string[]): string =>
  cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ");

/** The heads of the columns of `efficiencyRow`. */
export const efficiencyHeader: string = line([
  "system",
  "k",
  "ms/token",
  "of rounds",
  "unguided",
  "of rounds",
  "tokens/s",
  "backbone calls",
]);

/** A measurement as one line of a table for the terminal, whose widths are known before all is measured. */
export function efficiencyRow(row: EfficiencyMeasurement): string {
  const range = row.rounds > 1 ? `${round(row.min_ms)}–${round(row.max_ms)} (${row.rounds})` : "";
  return line([
    row.system,
    row.k === null ? "–" : String(row.k),
    round(row.ms_per_token),
    range,
    `${row.over_unguided.toFixed(3)} ×`,
    row.rounds > 1 ? `${row.over_unguided_min.toFixed(3)}–${row.over_unguided_max.toFixed(3)}` : "",
    row.tokens_per_second.toFixed(0),
    String(row.backbone_calls),
  ]);
}

/** Three significant digits, whole numbers above a hundred. */
function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
