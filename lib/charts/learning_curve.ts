import type { TopLevelSpec } from "vega-lite";
import { linearRange, logRange, scaleAndTicks } from "./axis_range.ts";
import { chart } from "./chart_display.ts";
import { type ChartRows, chartRows } from "./chart_rows.ts";
import { seriesStyle, theme, titleLines, validatePlotSize } from "./theme.ts";

/** One evaluation of the loss. */
export interface LearningCurveRow {
  step: number;
  loss: number;
  /** What the loss is of, such as "training" or "held out". */
  series?: string | null;
}

/** Options for {@linkcode learningCurveChart}. */
export interface LearningCurveChartOptions {
  /** @default {"Learning curve"} */
  title?: string;
  /** @default {undefined} */
  subtitle?: string;
  /**
   * What the loss is, with its unit.
   *
   * @default {"Loss"}
   */
  lossTitle?: string;
  /** @default {"linear"} */
  scale?: "linear" | "log";
  /**
   * The width of the plot, in pixels.
   *
   * @default {360}
   */
  width?: number;
  /**
   * The height of the plot, in pixels.
   *
   * @default {225}
   */
  height?: number;
}

const WHAT = "Cannot draw the learning curve";
/** A series of no more evaluations than this has a point at each. */
const FEW = 40;

/**
 * The loss against the training step, one line a series.
 *
 * @param evaluations One object an evaluation, such as a training's `curve`, or a frame with these
 *   columns.
 * @returns A Vega-Lite 6 spec with its data in it.
 * @throws RangeError if there is no row, a column or number is missing, a loss is not positive on a
 *   logarithmic axis, or an option is out of range.
 * @throws TypeError if a column of a frame holds something else.
 */
export function learningCurveChart(
  evaluations: ChartRows<LearningCurveRow>,
  options: LearningCurveChartOptions = {},
): TopLevelSpec {
  const {
    title = "Learning curve",
    subtitle,
    lossTitle = "Loss",
    scale = "linear",
    width = 360,
    height = 225,
  } = options;
  validatePlotSize(width, height);
  const rows = chartRows(evaluations, WHAT, { step: "number", loss: "number", series: "text?" });
  validate(rows, scale);

  const points = rows.map(({ step, loss, series }) => ({ step, loss, series: series ?? "" }));
  const counts = new Map(
    [...Map.groupBy(points, ({ series }) => series)].map(([name, own]) => [name, own.length]),
  );
  const series = [...counts.keys()];
  const losses = points.map(({ loss }) => loss);
  const y = scale === "log" ? logRange(losses) : linearRange(losses);

  const encoding = {
    x: {
      field: "step",
      type: "quantitative",
      title: "Training step",
      scale: { nice: false, zero: false },
      axis: { tickCount: 6 },
    },
    y: {
      field: "loss",
      type: "quantitative",
      title: scale === "log" ? `${lossTitle} (log scale)` : lossTitle,
      ...scaleAndTicks(y),
    },
    color: {
      field: "series",
      type: "nominal",
      scale: { domain: series, range: series.map((_, i) => seriesStyle(i).mark) },
      legend: series.length > 1 ? { title: null, orient: "top", symbolType: "stroke" } : null,
    },
  } as const;

  return chart({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `${title}: ${lossTitle} against the training step.`,
    title: titleLines(title, subtitle, width),
    width,
    height,
    data: { values: points },
    layer: [
      {
        mark: { type: "line", strokeWidth: 1.5 },
        encoding: { ...encoding, order: { field: "step", type: "quantitative" } },
      },
      {
        data: { values: points.filter(({ series }) => counts.get(series)! <= FEW) },
        mark: { type: "point", filled: true, size: 30, opacity: 1 },
        encoding: {
          ...encoding,
          tooltip: [
            { field: "series", type: "nominal", title: "Series" },
            { field: "step", type: "quantitative", title: "Step", format: "," },
            { field: "loss", type: "quantitative", title: lossTitle, format: ".4~g" },
          ],
        },
      },
    ],
    config: theme,
  });
}

function validate(rows: readonly LearningCurveRow[], scale: "linear" | "log"): void {
  if (rows.length === 0) {
    throw new RangeError(`${WHAT} as there is no row: pass at least one`);
  }
  if (scale !== "linear" && scale !== "log") {
    throw new RangeError(
      `${WHAT} as 'scale' must be "linear" or "log": it is ${scale}`,
    );
  }
  for (const [i, row] of rows.entries()) {
    const refuse = (reason: string) => `${WHAT} as in row ${i + 1} ${reason}`;
    for (const column of ["step", "loss"] as const) {
      if (!Number.isFinite(row[column])) {
        throw new RangeError(
          refuse(`'${column}' is ${row[column]}: drop the row or give a finite number`),
        );
      }
    }
    if (scale === "log" && !(row.loss > 0)) {
      throw new RangeError(refuse(`'loss' is ${row.loss}: use the linear scale`));
    }
  }
}
