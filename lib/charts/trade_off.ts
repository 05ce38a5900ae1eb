import type { TopLevelSpec } from "vega-lite";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { chart } from "./chart_display.ts";
import { type ChartRows, chartRowsKind } from "./chart_rows.ts";
import { chartOptions, plotSize, themeConfig, titleLines } from "./theme.ts";
import { placeLabels } from "./trade_off_labels.ts";
import { perplexityRange, plotLayers, scoreRange } from "./trade_off_plot.ts";
import { pointsAndSeries, type TradeOffRow } from "./trade_off_points.ts";

export type { TradeOffRow } from "./trade_off_points.ts";

/** What charts of the trade-off take. */
export const tradeOffOptions = {
  title: { type: "text", help: "the title", default: "Control against fluency" },
  ...chartOptions,
  subtitle: {
    ...chartOptions.subtitle,
    default: "Numbers at the points are the guidance strength β.",
  },
  scoreTitle: {
    type: "text",
    help: "what the score is, with its unit",
    default: "Attribute score (0 to 1)",
  },
  perplexityTitle: {
    type: "text",
    help: "what the perplexity is; the kind of scale is added",
    default: "Perplexity",
  },
  height: { ...plotSize, help: "the height of the plot, in pixels", default: 225 },
} as const satisfies OptionTable;

/** The options of {@linkcode tradeOffChart}. */
export const tradeOffChartOptions = {
  published: {
    type: "value",
    is: isTradeOffRows,
    what: chartRowsKind.what,
    help:
      "published points to lay the measured ones over, drawn hollow and named '…, published'; give them only " +
      "where they are comparable: the same score of the same kind of prompts, and perplexity under the same judge",
  },
  ...tradeOffOptions,
  width: { ...plotSize, help: "the width of the plot, in pixels", default: 360 },
} as const satisfies OptionTable;

/** The options of {@linkcode tradeOffChart}. */
export type TradeOffChartOptions = OptionsOf<typeof tradeOffChartOptions>;

function isTradeOffRows(value: unknown): value is ChartRows<TradeOffRow> {
  return chartRowsKind.is(value);
}

/**
 * The figure of the paper's comparison (figures 2, 4 and 7): attribute score against perplexity, one
 * line a system with one point a guidance strength, connected in order of β. Measured points are
 * filled; published ones are hollow, with thin dashed lines.
 *
 * Systems are named at the ends of their lines where all names fit, otherwise in a legend. Labels
 * are placed for the given width and height: a spec of another size needs a new call.
 *
 * @param rows one object a point, or a frame with these columns; there may be none where there are
 *   published ones.
 * @returns a Vega-Lite 6 spec with its data in it; it needs no network and no other file.
 * @throws {RangeError} if there is no row, a column or number is missing or out of range, a system has two rows
 *   of the same β, a measured system is called as a published one is, or the size is out of range.
 * @throws {TypeError} if a system is not a string, a column of a frame holds something else, or an option is unknown or
 *   of another type.
 */
export function tradeOffChart(
  rows: ChartRows<TradeOffRow>,
  options: TradeOffChartOptions = {},
): TopLevelSpec {
  checkArgument("tradeOffChart", "rows", chartRowsKind, rows);
  const { published, title, subtitle, theme, scoreTitle, perplexityTitle, width, height } = settle(
    "tradeOffChart",
    tradeOffChartOptions,
    options,
  );
  const { points: [points], series } = pointsAndSeries([{ rows, published }]);
  const plot = { x: scoreRange(points), y: perplexityRange(points), width, height };
  const titles = {
    score: scoreTitle,
    perplexity: plot.y.type === "log" ? `${perplexityTitle} (log scale)` : perplexityTitle,
    tooltips: { score: scoreTitle, perplexity: perplexityTitle },
  };
  const labels = placeLabels(points, series, plot);
  return chart(theme, (palette) => ({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `${title}: ${scoreTitle} against perplexity.`,
    title: titleLines(title, subtitle, width),
    width,
    height,
    data: { values: points },
    layer: plotLayers(series, plot, labels, titles, width, palette),
    config: themeConfig(palette),
  }));
}
