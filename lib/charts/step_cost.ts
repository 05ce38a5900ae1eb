import type { TopLevelSpec } from "vega-lite";
import { logRange, scaleAndTicks } from "./axis_range.ts";
import { chart } from "./chart_display.ts";
import { themeConfig, titleLines } from "./theme.ts";

/** How many times as long as writing unguided a system takes. */
export interface StepCostRow {
  readonly system: string;
  readonly ratio: number;
  /** The least and the greatest of several rounds. */
  readonly low: number;
  readonly high: number;
}

const WIDTH = 420;
const ROW_HEIGHT = 20;
const WITH_RANGE = "format(datum.ratio, '.2f') + ' × [' + format(datum.low, '.2f') + ', ' + " +
  "format(datum.high, '.2f') + ']'";

/**
 * What a step takes by every system, as a multiple of a step of the base model alone: a row a system, the cheapest first, on a
 * logarithmic axis.
 *
 * @returns a Vega-Lite 6 spec with its data in it.
 */
export function stepCostChart(
  rows: readonly StepCostRow[],
  { title, subtitle }: { title: string; subtitle: string },
): TopLevelSpec {
  const sorted = rows.toSorted((a, b) => a.ratio - b.ratio);
  const range = logRange([1, ...rows.flatMap(({ low, ratio, high }) => [low, ratio, high])]);
  const x = {
    field: "ratio",
    type: "quantitative",
    title: "Time of a step over that of the base model alone (log scale)",
    ...scaleAndTicks(range),
  } as const;
  const y = {
    field: "system",
    type: "nominal",
    title: null,
    sort: sorted.map(({ system }) => system),
    axis: { grid: true, ticks: false, domain: false, labelLimit: 240 },
  } as const;
  return chart(undefined, (palette) => ({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `${title}: time of a step over that of the base model alone, by system.`,
    title: titleLines(title, subtitle, WIDTH),
    width: WIDTH,
    height: ROW_HEIGHT * rows.length,
    data: { values: sorted.map((row) => ({ ...row })) },
    layer: [
      {
        data: { values: [{ alone: 1 }] },
        mark: { type: "rule", color: palette.secondary, strokeDash: [5, 4], strokeWidth: 1.5 },
        encoding: { x: { ...x, field: "alone" } },
      },
      {
        mark: { type: "rule", color: palette.series[0].mark, strokeWidth: 1.5, opacity: 0.5 },
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y },
      },
      {
        transform: [{ calculate: WITH_RANGE, as: "shown" }],
        mark: { type: "point", filled: true, size: 55, opacity: 1, color: palette.series[0].mark },
        encoding: {
          x,
          y,
          tooltip: [
            { field: "system", type: "nominal", title: "System" },
            { field: "shown", type: "nominal", title: "Over the base model" },
          ],
        },
      },
    ],
    config: themeConfig(palette),
  }));
}
