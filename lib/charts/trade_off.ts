import type { TopLevelSpec } from "vega-lite";
import { linearRange, logRange, scaleAndTicks } from "./axis_range.ts";
import { type Label, placeLabels, type Point } from "./trade_off_labels.ts";
import {
  FONT_SIZE,
  legendColumns,
  seriesStyle,
  theme,
  titleLines,
  validatePlotSize,
} from "./theme.ts";

/** One system at one guidance strength. */
export interface TradeOffRow {
  system: string;
  /** The guidance strength β. */
  beta: number;
  /** How much of the attribute the text has, such as the positive rate. */
  score: number;
  /** The perplexity of the text under a judging model. */
  perplexity: number;
  /** The confidence interval of the score; drawn if both ends are numbers. */
  scoreLow?: number | null;
  scoreHigh?: number | null;
  /** The confidence interval of the perplexity; drawn if both ends are numbers. */
  perplexityLow?: number | null;
  perplexityHigh?: number | null;
}

/** Options for {@linkcode tradeOffChart}. */
export interface TradeOffChartOptions {
  /**
   * Published points to lay the measured ones over, drawn hollow and named "…, published". Give them only where they
   * are comparable: the same score of the same kind of prompts, and perplexity under the same judge.
   *
   * @default {[]}
   */
  published?: readonly TradeOffRow[];
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

/** The perplexity axis is logarithmic if the values span more than this factor. */
const LOG_FACTOR = 3;

/**
 * The figure of the paper's comparison: attribute score against perplexity, one line a system with
 * one point a guidance strength, connected in order of β.
 *
 * Systems are named at the ends of their lines where all names fit, otherwise in a legend. Labels
 * are placed for the given width and height: a spec of another size needs a new call.
 *
 * @param rows One object a point, such as `frame.toRecords()` of a Polars frame.
 * @returns A Vega-Lite 6 spec with its data in it; it needs no network and no other file.
 * @throws RangeError if there is no row, a number is missing or out of range, a system has two rows
 *   of the same β, or the size is out of range.
 * @throws TypeError if a system is not a string.
 */
export function tradeOffChart(
  rows: readonly TradeOffRow[],
  options: TradeOffChartOptions = {},
): TopLevelSpec {
  const {
    title = "Control against fluency",
    subtitle = "Numbers at the points are the guidance strength β.",
    scoreTitle = "Attribute score (0 to 1)",
    perplexityTitle = "Perplexity",
    width = 360,
    height = 225,
  } = options;
  validatePlotSize(width, height);
  validate(rows);

  const points: Point[] = rows.map((row) => ({
    ...pick(row),
    ...interval("score", row.scoreLow, row.scoreHigh),
    ...interval("perplexity", row.perplexityLow, row.perplexityHigh),
  }));
  const scores = points.flatMap((p) => [p.score, p.scoreLow ?? p.score, p.scoreHigh ?? p.score]);
  const perplexities = points.flatMap((p) => [
    p.perplexity,
    p.perplexityLow ?? p.perplexity,
    p.perplexityHigh ?? p.perplexity,
  ]);
  const isLog = Math.max(...perplexities) > LOG_FACTOR * Math.min(...perplexities);
  const x = linearRange(scores);
  const y = isLog ? logRange(perplexities) : linearRange(perplexities);
  const { names, betas } = placeLabels(points, { x, y, width, height });

  const systems = [...new Set(points.map(({ system }) => system))];
  const styles = systems.map((_, position) => seriesStyle(position));
  const position = {
    x: { field: "score", type: "quantitative", title: scoreTitle, ...scaleAndTicks(x) },
    y: {
      field: "perplexity",
      type: "quantitative",
      title: isLog ? `${perplexityTitle} (log scale)` : perplexityTitle,
      ...scaleAndTicks(y),
    },
  } as const;
  const legend = names ? null : {
    title: null,
    orient: "top",
    direction: "horizontal",
    columns: legendColumns(systems, width),
    symbolOpacity: 1,
  } as const;
  const bySystem = { field: "system", type: "nominal" } as const;
  const color = {
    ...bySystem,
    scale: { domain: systems, range: styles.map(({ mark }) => mark) },
    legend,
  } as const;
  const shape = {
    ...bySystem,
    scale: { domain: systems, range: styles.map(({ shape }) => shape) },
    legend,
  } as const;

  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `${title}: ${scoreTitle} against perplexity.`,
    title: titleLines(title, subtitle, width),
    width,
    height,
    data: { values: points },
    layer: [
      {
        transform: [{ filter: "isValid(datum.scoreLow)" }],
        mark: { type: "rule", opacity: 0.45, strokeWidth: 1.5 },
        encoding: {
          ...position,
          x: { ...position.x, field: "scoreLow" },
          x2: { field: "scoreHigh" },
          color,
        },
      },
      {
        transform: [{ filter: "isValid(datum.perplexityLow)" }],
        mark: { type: "rule", opacity: 0.45, strokeWidth: 1.5 },
        encoding: {
          ...position,
          y: { ...position.y, field: "perplexityLow" },
          y2: { field: "perplexityHigh" },
          color,
        },
      },
      {
        mark: { type: "line", strokeWidth: 2, opacity: 0.8 },
        encoding: { ...position, color, order: { field: "beta", type: "quantitative" } },
      },
      {
        mark: {
          type: "point",
          filled: true,
          size: 55,
          opacity: 1,
          stroke: "white",
          strokeWidth: 1,
        },
        encoding: {
          ...position,
          color,
          shape,
          tooltip: [
            { field: "system", type: "nominal", title: "System" },
            { field: "beta", type: "quantitative", title: "β" },
            { field: "score", type: "quantitative", title: scoreTitle, format: ".3~f" },
            { field: "perplexity", type: "quantitative", title: perplexityTitle, format: ".2~f" },
          ],
        },
      },
      ...textLayers(betas, FONT_SIZE.label, "normal"),
      ...textLayers(names ?? [], FONT_SIZE.series, "bold"),
    ],
    config: theme,
  };
}

function validate(rows: readonly TradeOffRow[]): void {
  if (rows.length === 0) {
    throw new RangeError("Cannot draw the trade-off as there is no row: pass at least one point");
  }
  const seen = new Set<string>();
  for (const [i, row] of rows.entries()) {
    const refuse = (reason: string) => `Cannot draw the trade-off as in row ${i + 1} ${reason}`;
    if (typeof row.system !== "string") {
      throw new TypeError(refuse(`'system' is not a string: it is ${row.system}`));
    }
    for (const column of ["beta", "score", "perplexity"] as const) {
      if (!Number.isFinite(row[column])) {
        throw new RangeError(
          refuse(`'${column}' is ${row[column]}: drop the row or give a finite number`),
        );
      }
    }
    if (!(row.perplexity > 0) || isNumber(row.perplexityLow) && !(row.perplexityLow > 0)) {
      throw new RangeError(refuse("a perplexity is not positive: check how it was computed"));
    }
    for (const name of ["score", "perplexity"] as const) {
      const [low, high] = [row[`${name}Low`], row[`${name}High`]];
      if (isNumber(low) && isNumber(high) && low > high) {
        throw new RangeError(refuse(`'${name}Low' is above '${name}High': ${low} > ${high}`));
      }
    }
    const key = JSON.stringify([row.system, row.beta]);
    if (seen.has(key)) {
      throw new RangeError(
        refuse(`'${row.system}' has β = ${row.beta} a second time: average such rows first`),
      );
    }
    seen.add(key);
  }
}

function isNumber(value: number | null | undefined): value is number {
  return Number.isFinite(value);
}

function pick({ system, beta, score, perplexity }: TradeOffRow): Point {
  return { system, beta, score, perplexity };
}

function interval(
  name: "score" | "perplexity",
  low: number | null | undefined,
  high: number | null | undefined,
): Partial<Point> {
  return isNumber(low) && isNumber(high) ? { [`${name}Low`]: low, [`${name}High`]: high } : {};
}

/** The labels, with a white outline below them that keeps them readable on lines. */
function textLayers(labels: Label[], fontSize: number, fontWeight: "normal" | "bold") {
  const layer = (values: Label[], color: string, outline: object) => ({
    data: { values },
    mark: {
      type: "text",
      fontSize,
      fontWeight,
      align: "center",
      baseline: "middle",
      color,
      ...outline,
    },
    encoding: {
      x: { field: "score", type: "quantitative" },
      y: { field: "perplexity", type: "quantitative" },
      text: { field: "text", type: "nominal" },
    },
  } as const);
  if (labels.length === 0) return [];
  return [
    layer(labels, "white", { stroke: "white", strokeWidth: 3, strokeJoin: "round" }),
    // One layer a colour: a second field of colours would split the legend in two.
    ...[...Map.groupBy(labels, ({ fill }) => fill)].map(([fill, some]) => layer(some, fill, {})),
  ];
}
