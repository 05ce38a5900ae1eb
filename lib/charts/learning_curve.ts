import type { TopLevelSpec } from "vega-lite";
import { linearRange, logRange, scaleAndTicks } from "./axis_range.ts";
import { chart } from "./chart_display.ts";
import { seriesStyle, theme, titleLines, validatePlotSize } from "./theme.ts";

/** One evaluation of the loss. */
export interface LearningCurveRow {
  step: number;
  loss: number;
  /** What the loss is of, such as "training" or "held out". */
  series?: string;
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

/**
 * The loss against the training step, one line a series.
 *
 * @param rows One object an evaluation, such as the parsed lines of `metrics.jsonl`.
 * @returns A Vega-Lite 6 spec with its data in it.
 * @throws RangeError if there is no row, a number is missing, a loss is not positive on a
 *   logarithmic axis, or an option is out of range.
 */
export function learningCurveChart(
  rows: readonly LearningCurveRow[],
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
  validate(rows, scale);

  const points = rows.map(({ step, loss, series = "" }) => ({ step, loss, series }));
  const series = [...new Set(points.map((point) => point.series))];
  const losses = points.map(({ loss }) => loss);
  const y = scale === "log" ? logRange(losses) : linearRange(losses);

  return chart({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `${title}: ${lossTitle} against the training step.`,
    title: titleLines(title, subtitle, width),
    width,
    height,
    data: { values: points },
    mark: { type: "line", strokeWidth: 1.5, point: points.length <= 40 ? { size: 30 } : false },
    encoding: {
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
        legend: series.length > 1 ? { title: null, orient: "top" } : null,
      },
      order: { field: "step", type: "quantitative" },
    },
    config: theme,
  });
}

function validate(rows: readonly LearningCurveRow[], scale: "linear" | "log"): void {
  if (rows.length === 0) {
    throw new RangeError("Cannot draw the learning curve as there is no row: pass at least one");
  }
  if (scale !== "linear" && scale !== "log") {
    throw new RangeError(
      `Cannot draw the learning curve as 'scale' must be "linear" or "log": it is ${scale}`,
    );
  }
  for (const [i, row] of rows.entries()) {
    const refuse = (reason: string) =>
      `Cannot draw the learning curve as in row ${i + 1} ${reason}`;
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
