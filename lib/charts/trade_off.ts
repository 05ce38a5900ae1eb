import type { TopLevelSpec } from "vega-lite";
import { chart } from "./chart_display.ts";
import type { ChartRows } from "./chart_rows.ts";
import { theme, titleLines, validatePlotSize } from "./theme.ts";
import { placeLabels } from "./trade_off_labels.ts";
import { perplexityRange, plotLayers, scoreRange } from "./trade_off_plot.ts";
import { pointsAndSeries, type TradeOffRow } from "./trade_off_points.ts";

export type { TradeOffRow } from "./trade_off_points.ts";

/** Options for {@linkcode tradeOffChart}. */
export interface TradeOffChartOptions {
  /**
   * Published points to lay the measured ones over, drawn hollow and named "…, published". Give them only where they
   * are comparable: the same score of the same kind of prompts, and perplexity under the same judge.
   *
   * @default {[]}
   */
  published?: ChartRows<TradeOffRow>;
  /** @default {"Control against fluency"} */
  title?: string;
  /** @default {"Numbers at the points are the guidance strength β."} */
  subtitle?: string;
  /**
   * What the score is, with its unit.
   *
   * @default {"Attribute score (0 to 1)"}
   */
  scoreTitle?: string;
  /** @default {"Perplexity"}, to which the kind of scale is added. */
  perplexityTitle?: string;
  /**
   * The width of the plot, in pixels; the axis adds about 50.
   *
   * @default {360}
   */
  width?: number;
  /**
   * The height of the plot, in pixels; titles and axis add about 90.
   *
   * @default {225}
   */
  height?: number;
}

/**
 * The figure of the paper's comparison (figures 2, 4 and 7): attribute score against perplexity, one
 * line a system with one point a guidance strength, connected in order of β. Measured points are
 * filled; published ones are hollow, with thin dashed lines.
 *
 * Systems are named at the ends of their lines where all names fit, otherwise in a legend. Labels
 * are placed for the given width and height: a spec of another size needs a new call.
 *
 * @param rows One object a point, or a frame with these columns; there may be none where there are
 *   published ones.
 * @returns A Vega-Lite 6 spec with its data in it; it needs no network and no other file.
 * @throws RangeError if there is no row, a column or number is missing or out of range, a system has two rows
 *   of the same β, a measured system is called as a published one is, or the size is out of range.
 * @throws TypeError if a system is not a string, or a column of a frame holds something else.
 */
export function tradeOffChart(
  rows: ChartRows<TradeOffRow>,
  options: TradeOffChartOptions = {},
): TopLevelSpec {
  const {
    published = [],
    title = "Control against fluency",
    subtitle = "Numbers at the points are the guidance strength β.",
    scoreTitle = "Attribute score (0 to 1)",
    perplexityTitle = "Perplexity",
    width = 360,
    height = 225,
  } = options;
  validatePlotSize(width, height);
  const { points: [points], series } = pointsAndSeries([{ rows, published }]);
  const plot = { x: scoreRange(points), y: perplexityRange(points), width, height };
  const titles = {
    score: scoreTitle,
    perplexity: plot.y.type === "log" ? `${perplexityTitle} (log scale)` : perplexityTitle,
    tooltips: { score: scoreTitle, perplexity: perplexityTitle },
  };
  return chart({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `${title}: ${scoreTitle} against perplexity.`,
    title: titleLines(title, subtitle, width),
    width,
    height,
    data: { values: points },
    layer: plotLayers(series, plot, placeLabels(points, series, plot), titles, width),
    config: theme,
  });
}
