import type { TopLevelSpec } from "vega-lite";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { type AxisRange, linearRange, logRange, scaleAndTicks } from "./axis_range.ts";
import { chart } from "./chart_display.ts";
import { type ChartRows, chartRows, chartRowsKind } from "./chart_rows.ts";
import { seriesStyle } from "./palette.ts";
import { chartOptions, FONT_SIZE, plotSize, themeConfig, titleLines } from "./theme.ts";

/** One evaluation of the loss. */
export interface LearningCurveRow {
  step: number;
  loss: number;
  /** What the loss is of, such as "training" or "held out". */
  series?: string | null;
}

/** The options of {@linkcode learningCurveChart}. */
export const learningCurveChartOptions = {
  title: { type: "text", help: "the title", default: "Learning curve" },
  ...chartOptions,
  lossTitle: { type: "text", help: "what the loss is, with its unit", default: "Loss" },
  scale: {
    type: "choice",
    of: ["auto", "linear", "log"],
    help: "the axis of the loss; auto is log where the losses span more than eightfold",
    default: "auto",
  },
  constantLoss: {
    type: "number",
    help: "the held-out loss of always predicting the mean, drawn as a line across",
  },
  width: { ...plotSize, help: "the width of the plot, in pixels", default: 360 },
  height: { ...plotSize, help: "the height of the plot, in pixels", default: 225 },
} as const satisfies OptionTable;

/** The options of {@linkcode learningCurveChart}. */
export type LearningCurveChartOptions = OptionsOf<typeof learningCurveChartOptions>;

const WHAT = "Cannot draw the learning curve";
/** A series of no more evaluations than this has a point at each. */
const FEW = 40;
/** The axis is logarithmic if losses after the beginning span more than this factor. */
const LOG_FACTOR = 8;
/** The share of the steps that is the beginning of a run. */
const BEGINNING = 0.1;
/** What comes after the beginning has at least this share of the axis. */
const LEAST_SHARE = 0.4;
/** The share of the horizontal axis left free at either end. */
const STEP_MARGIN = 0.02;
const DASH = [5, 4];

/**
 * The loss against the training step, one line a series. If the losses of the beginning would flatten the rest, the axis
 * leaves their highest out, and a note in the plot says where the curve begins.
 *
 * @param evaluations one object an evaluation, such as a training's `curve`, or a frame with these columns.
 * @returns a Vega-Lite 6 spec with its data in it.
 * @throws {RangeError} if there is no row, a column or number is missing, a loss is not positive on a
 *   logarithmic axis, or an option is out of range.
 * @throws {TypeError} if a column of a frame holds something else, or an option is unknown or of another type.
 */
export function learningCurveChart(
  evaluations: ChartRows<LearningCurveRow>,
  options: LearningCurveChartOptions = {},
): TopLevelSpec {
  checkArgument("learningCurveChart", "evaluations", chartRowsKind, evaluations);
  const { title, subtitle, theme, lossTitle, scale, constantLoss, width, height } = settle(
    "learningCurveChart",
    learningCurveChartOptions,
    options,
  );
  const rows = chartRows(evaluations, WHAT, { step: "number", loss: "number", series: "text?" });
  validate(rows, scale, constantLoss);

  const points = rows.map(({ step, loss, series }) => ({ step, loss, series: series ?? "" }));
  const counts = new Map(
    [...Map.groupBy(points, ({ series }) => series)].map(([name, own]) => [name, own.length]),
  );
  const series = [...counts.keys()];
  const y = lossRange(points, scale, constantLoss);
  const isLog = y.type === "log";
  const start = points.reduce((a, b) => b.loss > a.loss ? b : a);
  const isCut = start.loss > y.high;
  // where its line comes into the plot
  const enters = points.find(({ series, step, loss }) =>
    series === start.series && step > start.step && loss <= y.high
  );

  return chart(theme, (palette) => {
    const encoding = {
      x: {
        field: "step",
        type: "quantitative",
        title: "Training step",
        ...scaleAndTicks(linearRange(points.map(({ step }) => step), STEP_MARGIN)),
      },
      y: {
        field: "loss",
        type: "quantitative",
        title: isLog ? `${lossTitle} (log scale)` : lossTitle,
        ...scaleAndTicks(y),
      },
      color: {
        field: "series",
        type: "nominal",
        scale: { domain: series, range: series.map((_, i) => seriesStyle(palette, i).mark) },
        legend: series.length > 1 ? { title: null, orient: "top", symbolType: "stroke" } : null,
      },
    } as const;
    const note = { type: "text", fontSize: FONT_SIZE.label, color: palette.secondary } as const;
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      description: `${title}: ${lossTitle} against the training step.`,
      title: titleLines(title, subtitle, width),
      width,
      height,
      data: { values: points },
      layer: [
        ...(constantLoss === undefined ? [] : [
          {
            data: { values: [{}] },
            mark: {
              type: "rule",
              color: palette.secondary,
              strokeWidth: 1.25,
              strokeDash: DASH,
            },
            encoding: { y: { datum: constantLoss, type: "quantitative" } },
          } as const,
          {
            data: { values: [{}] },
            mark: {
              ...note,
              text: `always the mean: ${Number(constantLoss.toPrecision(4))}`,
              align: "right",
              baseline: "bottom",
              dx: -4,
              dy: -2,
            },
            encoding: {
              x: { value: width },
              y: { datum: constantLoss, type: "quantitative" },
            },
          } as const,
        ]),
        {
          mark: { type: "line", strokeWidth: 1.5, clip: true },
          encoding: { ...encoding, order: { field: "step", type: "quantitative" } },
        },
        {
          data: { values: points.filter(({ series }) => counts.get(series)! <= FEW) },
          mark: { type: "point", filled: true, size: 30, opacity: 1, clip: true },
          encoding: {
            ...encoding,
            tooltip: [
              { field: "series", type: "nominal", title: "Series" },
              { field: "step", type: "quantitative", title: "Step", format: "," },
              { field: "loss", type: "quantitative", title: lossTitle, format: ".4~g" },
            ],
          },
        },
        ...(isCut
          ? [
            {
              data: { values: [{ step: (enters ?? start).step }] },
              mark: {
                ...note,
                text: `↑ from ${Number(start.loss.toPrecision(3))}`,
                align: "left",
                baseline: "top",
                dx: 8,
                dy: 3,
              },
              encoding: { x: { field: "step", type: "quantitative" }, y: { value: 0 } },
            } as const,
          ]
          : []),
      ],
      config: themeConfig(palette),
    };
  });
}

/** The range of the losses, without the highest of the beginning if they would leave too little of it to the others. */
function lossRange(
  points: readonly { step: number; loss: number }[],
  scale: "auto" | "linear" | "log",
  constantLoss: number | undefined,
): AxisRange {
  const [first, last] = extent(points.map(({ step }) => step));
  const constant = constantLoss === undefined ? [] : [constantLoss];
  const all = [...points.map(({ loss }) => loss), ...constant];
  const later = points.filter(({ step }) => step > first + BEGINNING * (last - first));
  const [least, greatest] = extent([
    ...(later.length > 1 ? later : points).map(({ loss }) => loss),
    ...constant,
  ]);
  const isLog = scale === "log" ||
    scale === "auto" && extent(all)[0] > 0 && greatest > LOG_FACTOR * least;
  const rangeOf = isLog ? logRange : linearRange;
  const whole = rangeOf(all);
  if (whole.share(greatest) >= LEAST_SHARE) return whole;
  // up to where the rest has two thirds of the axis
  const end = isLog ? greatest * Math.sqrt(greatest / least) : greatest + (greatest - least) / 2;
  return rangeOf([...all.filter((loss) => loss < end), end]);
}

function extent(values: readonly number[]): [least: number, greatest: number] {
  return values.reduce(([least, greatest], value) => [
    Math.min(least, value),
    Math.max(greatest, value),
  ], [Infinity, -Infinity]);
}

function validate(
  rows: readonly LearningCurveRow[],
  scale: "auto" | "linear" | "log",
  constantLoss: number | undefined,
): void {
  if (rows.length === 0) {
    throw new RangeError(`${WHAT} as there is no row: pass at least one`);
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
  if (scale === "log" && constantLoss !== undefined && !(constantLoss > 0)) {
    throw new RangeError(`${WHAT} as 'constantLoss' is ${constantLoss}: use the linear scale`);
  }
}
