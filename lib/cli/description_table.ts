import type { TextsDescription } from "../data/describe_texts.ts";
import { alignedColumns } from "../notebook/aligned_columns.ts";
import { visibleLine } from "../notebook/visible_line.ts";

/**
 * A description of texts as tables for the terminal.
 *
 * @param published how many rows the whole data set was published with, where that is known.
 */
export function descriptionTable(
  { rows, missingTexts, lengths, labels }: TextsDescription,
  published?: number,
): string {
  const lines = [
    `rows           ${count(rows)}${
      published === undefined || published === rows
        ? ""
        : ` (as published: ${count(published)}; these are others, or a part)`
    }`,
    `without text   ${count(missingTexts)}`,
    `${lengths.unit.padEnd(14)} ${count(lengths.total)}; a text: mean ${
      lengths.mean.toFixed(1)
    }, min ${count(lengths.min)}, median ${count(lengths.median)}, 90 % ≤ ${
      count(lengths.p90)
    }, 99 % ≤ ${count(lengths.p99)}, max ${count(lengths.max)}`,
    "",
    ...histogram(
      lengths.unit,
      lengths.histogram.map(({ from, to, count }) => (
        { range: from === to ? plain(from) : `${plain(from)}–${plain(to)}`, count }
      )),
    ),
  ];
  if (labels.length > 0) {
    lines.push("", ...labelTable(labels));
    for (const { name, tenths, zeros, ones, count } of labels) {
      if (zeros + ones === count) continue; // the table says it all
      const bars = tenths.map((count, i) => (
        { range: i === 9 ? "0.9–1" : `0.${i}–0.${i + 1}`, count }
      ));
      lines.push("", ...histogram(visibleLine(name), bars));
    }
  }
  return lines.join("\n");
}

function labelTable(labels: TextsDescription["labels"]): string[] {
  const header = ["label", "rows", "missing", "mean", "= 0", "= 1", "≥ 0.5"];
  const body = labels.map(({ name, count: rows, missing, mean, zeros, ones, high }) => [
    name,
    count(rows),
    count(missing),
    mean.toFixed(4),
    percent(zeros, rows),
    percent(ones, rows),
    percent(high, rows),
  ]);
  return alignedColumns([header, ...body]);
}

/** Characters of the longest bar. */
const longestBar = 40;

function histogram(title: string, bins: readonly { range: string; count: number }[]): string[] {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const total = Math.max(1, bins.reduce((sum, { count }) => sum + count, 0));
  const width = Math.max(title.length, ...bins.map(({ range }) => range.length));
  const digits = Math.max(4, ...bins.map((bin) => count(bin.count).length));
  return [
    `${title.padEnd(width)}  ${"rows".padStart(digits)}`,
    ...bins.map(({ range, count: rows }) =>
      `${range.padEnd(width)}  ${count(rows).padStart(digits)}  ${
        percent(rows, total).padStart(6)
      } ${"█".repeat(Math.round(longestBar * rows / most))}`.trimEnd()
    ),
  ];
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${(100 * part / whole).toFixed(1)} %`;
}

function count(value: number): string {
  return Number.isNaN(value) ? "–" : value.toLocaleString("en-US");
}

/** Without separators: bounds of ranges are easier to read so. */
function plain(value: number): string {
  return String(value);
}
