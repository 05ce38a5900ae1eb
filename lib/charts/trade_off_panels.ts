import type { TopLevelSpec } from "vega-lite";
import type { Kind, OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { chart } from "./chart_display.ts";
import { type ChartRows, chartRowsKind } from "./chart_rows.ts";
import { AXIS_WIDTH, FONT_SIZE, plotSize, themeConfig, titleLines } from "./theme.ts";
import { tradeOffOptions } from "./trade_off.ts";
import { placeLabels } from "./trade_off_labels.ts";
import { perplexityRange, plotLayers, scoreRange } from "./trade_off_plot.ts";
import { pointsAndSeries, type TradeOffRow } from "./trade_off_points.ts";

/** One panel: the comparison on one set of prompts. */
export interface TradeOffPanel {
  /** The set of prompts, such as "Negative prompts". */
  readonly title: string;
  readonly rows: ChartRows<TradeOffRow>;
  /**
   * Published points to lay the measured ones over; see {@linkcode tradeOffChart}.
   *
   * @default {[]}
   */
  readonly published?: ChartRows<TradeOffRow>;
}

/** The options of {@linkcode tradeOffPanels}. */
export const tradeOffPanelsOptions = {
  ...tradeOffOptions,
  width: { ...plotSize, help: "the width of each panel, in pixels", default: 250 },
} as const satisfies OptionTable;

/** The options of {@linkcode tradeOffPanels}. */
export type TradeOffPanelsOptions = OptionsOf<typeof tradeOffPanelsOptions>;

const panelsKind = {
  type: "list",
  of: {
    type: "options",
    of: {
      title: { type: "text", help: "the set of prompts", required: true },
      rows: { ...chartRowsKind, help: "the measured points", required: true },
      published: { ...chartRowsKind, help: "published points" },
    },
  },
} as const satisfies Kind;

/** Pixels between panels. */
const SPACING = 18;

/**
 * The paper's figure 3: the comparison of {@linkcode tradeOffChart} on several sets of prompts, one panel a set, side
 * by side on one axis of perplexity. A system looks the same in all panels.
 *
 * @returns a Vega-Lite 6 spec with its data in it; it needs no network and no other file.
 * @throws {RangeError} if there is no panel or a panel has no row, and as `tradeOffChart` does.
 * @throws {TypeError} as `tradeOffChart` does.
 */
export function tradeOffPanels(
  panels: readonly TradeOffPanel[],
  options: TradeOffPanelsOptions = {},
): TopLevelSpec {
  checkArgument("tradeOffPanels", "panels", panelsKind, panels);
  const { title, subtitle, theme, scoreTitle, perplexityTitle, width, height } = settle(
    "tradeOffPanels",
    tradeOffPanelsOptions,
    options,
  );
  if (panels.length === 0) {
    throw new RangeError("Cannot draw the trade-off as there is no panel: pass at least one");
  }
  const { points, series } = pointsAndSeries(panels);
  const y = perplexityRange(points.flat());
  const plots = points.map((own) => ({ x: scoreRange(own), y, width, height }));
  const labels = plots.map((plot, i) => placeLabels(points[i], series, plot));
  // One legend for all if a single panel has no room for names.
  const isNamed = labels.every(({ names }) => names);
  const allWidth = panels.length * width + (panels.length - 1) * SPACING;
  return chart(theme, (palette) => ({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `${title}: ${scoreTitle} against perplexity, one panel a set of prompts.`,
    title: titleLines(title, subtitle, allWidth),
    vconcat: [{
      title: {
        text: scoreTitle,
        orient: "bottom",
        anchor: "middle",
        fontSize: FONT_SIZE.axisTitle,
        fontWeight: "normal",
        color: palette.text,
        offset: 8,
        dx: AXIS_WIDTH / 2,
      },
      spacing: SPACING,
      hconcat: panels.map((panel, i) => ({
        title: {
          text: panel.title,
          anchor: "middle",
          frame: "group",
          fontSize: FONT_SIZE.series,
          offset: 6,
        },
        width,
        height,
        data: { values: points[i] },
        layer: plotLayers(
          series,
          plots[i],
          isNamed ? labels[i] : placeLabels(points[i], series, plots[i], { names: false }),
          {
            score: null,
            perplexity: i > 0
              ? null
              : y.type === "log"
              ? `${perplexityTitle} (log scale)`
              : perplexityTitle,
            tooltips: { score: scoreTitle, perplexity: perplexityTitle },
          },
          allWidth,
          palette,
        ),
      })),
      resolve: { legend: { fill: "shared", stroke: "shared", shape: "shared" } },
    }],
    config: themeConfig(palette),
  }));
}
