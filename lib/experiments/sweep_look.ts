import { intervalText } from "../eval/interval_text.ts";
import { displayedAs } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";
import type { SweepRow } from "./sweep_row.ts";

/** A sweep's rows, and whether it was done. */
export interface SweepRows extends Array<SweepRow> {
  /** False if Stop ended the sweep before all its points were measured. */
  readonly finished: boolean;
}

/**
 * Rows that show themselves as a table in notebooks.
 *
 * @param wanted how many there are if the sweep is not stopped.
 */
export function shownSweep(rows: SweepRow[], wanted: number): SweepRows {
  const finished = rows.length === wanted;
  Object.defineProperty(rows, "finished", { value: finished });
  return displayedAs(rows as SweepRow[] & { readonly finished: boolean }, () =>
    tableLook({
      title: finished ? "Control against fluency" : stoppedText(rows.length, wanted),
      facts: factsOf(rows),
      columns: [
        { name: "system" },
        { name: "β", isNumber: true },
        { name: "score", isNumber: true },
        { name: "perplexity", isNumber: true },
        { name: "backbone calls a step", isNumber: true },
        { name: "tokens a second", isNumber: true },
      ],
      rows: rows.map((row) => [
        row.system,
        String(row.beta),
        intervalText({ estimate: row.score, low: row.scoreLow!, high: row.scoreHigh! }),
        intervalText({
          estimate: row.perplexity,
          low: row.perplexityLow!,
          high: row.perplexityHigh!,
        }, 2),
        String(Number(row.backboneCalls.toPrecision(3))),
        Math.round(row.tokensPerSecond).toLocaleString("en-US"),
      ]),
    }));
}

/** What is said of a sweep that was stopped. */
export function stoppedText(points: number, wanted: number): string {
  return `Stopped after ${points} of ${wanted} points: the others are missing`;
}

function factsOf([first]: readonly SweepRow[]): [name: string, value: string][] {
  if (!first) return [];
  const { texts } = first.generation;
  return [
    ["texts a point", `${texts.length} prompts × ${texts[0]?.continuations.length ?? 0}`],
    ["in brackets", "95 % intervals over prompts"],
  ];
}
