import { join } from "node:path";
import { renderSvg } from "../charts/render.ts";
import { tradeOffChart, type TradeOffChartOptions } from "../charts/trade_off.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { sweepCsv } from "./sweep.ts";
import type { SweepRow } from "./sweep_row.ts";

/** Writes the points of a demo as a chart, `demo.svg`, and as a table, `demo.csv`. */
export async function writeDemo(
  out: string,
  rows: readonly SweepRow[],
  titles: Pick<TradeOffChartOptions, "title" | "scoreTitle" | "perplexityTitle">,
): Promise<{ readonly chartFile: string; readonly tableFile: string }> {
  const [chartFile, tableFile] = ["demo.svg", "demo.csv"].map((file) => join(out, file));
  const subtitle = "Right: more control. Down: more fluent. Numbers are β.";
  await writeAtomically(chartFile, await renderSvg(tradeOffChart(rows, { ...titles, subtitle })));
  await writeAtomically(tableFile, sweepCsv(rows));
  return { chartFile, tableFile };
}
