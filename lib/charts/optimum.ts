import type { TopLevelSpec } from "vega-lite";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { linearRange, scaleAndTicks } from "./axis_range.ts";
import { chart } from "./chart_display.ts";
import { type ChartRows, chartRows, chartRowsKind } from "./chart_rows.ts";
import {
  type FrontierRow,
  optimumLayers,
  type OptimumPlot,
  type OptimumRow,
} from "./optimum_plot.ts";
import { chartOptions, FONT_SIZE, plotSize, themeConfig, titleLines } from "./theme.ts";

export type { FrontierRow, OptimumRow } from "./optimum_plot.ts";

/** The options of {@linkcode optimumChart}. */
export const optimumChartOptions = {
  frontier: {
    type: "value",
    is: isFrontierRows,
    what: chartRowsKind.what,
    required: true,
    help: "the optimum, from `optimumFrontier`: drawn as a line that nothing can cross",
  },
  title: { type: "text", help: "the title", default: "Control against nats from the base" },
  ...chartOptions,
  rewardTitle: { type: "text", help: "what the reward is", default: "Mean reward" },
  width: { ...plotSize, help: "the width of the plot, in pixels", default: 460 },
  height: { ...plotSize, help: "the height of the plot, in pixels", default: 300 },
} as const satisfies OptionTable;

/** The options of {@linkcode optimumChart}. */
export type OptimumChartOptions = OptionsOf<typeof optimumChartOptions>;

function isFrontierRows(value: unknown): value is ChartRows<FrontierRow> {
  return chartRowsKind.is(value);
}

const WHAT = "Cannot draw the optimum";
/** Pixels between panels. */
const SPACING = 24;

const rowColumns = {
  system: "text",
  group: "text?",
  beta: "number?",
  reward: "number",
  divergence: "number",
  rewardLow: "number?",
  rewardHigh: "number?",
  divergenceLow: "number?",
  divergenceHigh: "number?",
  gap: "number?",
} as const;
const frontierColumns = { beta: "number", reward: "number", divergence: "number" } as const;

/**
 * Control against what it takes: the mean reward of every system at every strength against its distance from the base model's
 * sampler in nats, with the frontier that the optimum p* ∝ p exp(β r) draws. Above and left of it is nothing; how far right of it
 * a point lies is what its system takes too much. Systems of several groups have a panel each, side by side in two columns.
 *
 * @param rows one object a point, or a frame with these columns; there may be none.
 * @returns a Vega-Lite 6 spec with its data in it; it needs no network and no other file.
 * @throws {RangeError} if there is no frontier, or a column or number is missing or out of range.
 * @throws {TypeError} if a column of a frame holds something else, or an option is unknown or of another type.
 */
export function optimumChart(
  rows: ChartRows<OptimumRow>,
  options: OptimumChartOptions,
): TopLevelSpec {
  checkArgument("optimumChart", "rows", chartRowsKind, rows);
  const { frontier, title, subtitle, theme, rewardTitle, width, height } = settle(
    "optimumChart",
    optimumChartOptions,
    options,
  );
  const points = chartRows(rows, WHAT, rowColumns);
  const line = chartRows(frontier, `${WHAT}'s frontier`, frontierColumns);
  if (line.length === 0) throw new RangeError(`${WHAT} as its frontier has no point: pass some`);
  for (const [what, some] of [["row", points], ["point of the frontier", line]] as const) {
    some.forEach(({ reward, divergence }, i) => {
      if (Number.isFinite(reward) && Number.isFinite(divergence)) return;
      throw new RangeError(
        `${WHAT} as ${what} ${
          i + 1
        } has the reward ${reward} and ${divergence} nats: drop it or give finite numbers`,
      );
    });
  }
  const rewards = linearRange([
    ...line.map(({ reward }) => reward),
    ...points.flatMap((p) => [p.reward, p.rewardLow ?? p.reward, p.rewardHigh ?? p.reward]),
  ], 0.05);
  const most = Math.max(
    ...line.map(({ divergence }) => divergence),
    ...points.map((p) => p.divergenceHigh ?? p.divergence),
  );
  const plot: OptimumPlot = {
    line,
    rewardTitle,
    rewards: scaleAndTicks(rewards),
    most: 1.05 * most || 1,
    width,
  };
  const groups = [...new Set(points.map(({ group }) => group ?? ""))];
  const columns = Math.min(2, groups.length);
  return chart(theme, (palette) => {
    const panel = (isOwn: (point: OptimumRow) => boolean) => ({
      width,
      height,
      data: { values: points.filter(isOwn).map((point) => ({ ...point })) },
      layer: optimumLayers(points.filter(isOwn), points.filter((p) => !isOwn(p)), plot, palette),
    });
    const common = {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      description: `${title}: ${rewardTitle} against nats from the base model.`,
      title: titleLines(title, subtitle, Math.max(1, columns) * width),
      config: themeConfig(palette),
    };
    if (groups.length < 2) return { ...common, ...panel(() => true) };
    return {
      ...common,
      columns,
      spacing: SPACING,
      concat: groups.map((group) => ({
        title: { text: group, anchor: "middle", frame: "group", fontSize: FONT_SIZE.series },
        ...panel((point) => (point.group ?? "") === group),
      })),
      resolve: { scale: { color: "independent", shape: "independent" } },
    };
  });
}
