import { type AxisRange, linearRange, logRange, scaleAndTicks } from "./axis_range.ts";
import { type Palette, seriesStyle } from "./palette.ts";
import { FONT_SIZE, legendColumns } from "./theme.ts";
import { type Label, labelFill, type Labels, type Plot } from "./trade_off_labels.ts";
import type { Point, Series } from "./trade_off_points.ts";

/** The perplexity axis is logarithmic if the values span more than this factor. */
const LOG_FACTOR = 3;
/** The dashes of published lines. */
const DASH = [4, 3];

/** The range of the scores of points and their intervals. */
export function scoreRange(points: readonly Point[]): AxisRange {
  return linearRange(
    points.flatMap((p) => [p.score, p.scoreLow ?? p.score, p.scoreHigh ?? p.score]),
  );
}

/** The range of their perplexities: logarithmic where they span more than threefold. */
export function perplexityRange(points: readonly Point[]): AxisRange {
  const values = points.flatMap((p) => [
    p.perplexity,
    p.perplexityLow ?? p.perplexity,
    p.perplexityHigh ?? p.perplexity,
  ]);
  const isLog = Math.max(...values) > LOG_FACTOR * Math.min(...values);
  return isLog ? logRange(values) : linearRange(values);
}

/** What is written at the axes; null where a neighbour says it. */
export interface AxisTitles {
  readonly score: string | null;
  readonly perplexity: string | null;
  /** What the tooltips call the two. */
  readonly tooltips: { readonly score: string; readonly perplexity: string };
}

/** The layers of one plot of score against perplexity, its data left to the caller. */
export function plotLayers(
  series: readonly Series[],
  plot: Plot,
  { names, betas }: Labels,
  titles: AxisTitles,
  legendWidth: number,
  palette: Palette,
) {
  const { x, y } = plot;
  const ticks = scaleAndTicks(y);
  const position = {
    x: { field: "score", type: "quantitative", title: titles.score, ...scaleAndTicks(x) },
    y: {
      field: "perplexity",
      type: "quantitative",
      title: titles.perplexity,
      ...ticks,
      axis: {
        ...ticks.axis,
        ...(titles.perplexity === null && { labels: false, ticks: false, domain: false }),
      },
    },
  } as const;
  const domain = series.map(({ name }) => name);
  const hasPublished = series.some(({ isPublished }) => isPublished);
  const legend = names ? null : {
    title: null,
    orient: "top",
    direction: "horizontal",
    columns: evenIf(hasPublished, legendColumns(domain, legendWidth)),
    symbolOpacity: 1,
  } as const;
  const bySeries = (range: string[]) => (
    { field: "system", type: "nominal", scale: { domain, range } } as const
  );
  const styles = series.map(({ position }) => seriesStyle(palette, position));
  // Lines and points share the scale of strokes, so that one legend describes both.
  const stroke = { ...bySeries(styles.map(({ mark }) => mark)), legend };
  const shape = { ...bySeries(styles.map(({ shape }) => shape)), legend };
  const line = (published: boolean) => ({
    transform: [{ filter: `${published ? "" : "!"}datum.published` }],
    mark: published
      ? { type: "line" as const, strokeWidth: 1.25, strokeDash: DASH }
      : { type: "line" as const, strokeWidth: 2, opacity: 0.8 },
    encoding: {
      ...position,
      stroke,
      order: { field: "beta", type: "quantitative" as const },
    },
  });
  return [
    {
      transform: [{ filter: "isValid(datum.scoreLow)" }],
      mark: { type: "rule" as const, opacity: 0.45, strokeWidth: 1.5 },
      encoding: {
        ...position,
        x: { ...position.x, field: "scoreLow" },
        x2: { field: "scoreHigh" },
        stroke,
      },
    },
    {
      transform: [{ filter: "isValid(datum.perplexityLow)" }],
      mark: { type: "rule" as const, opacity: 0.45, strokeWidth: 1.5 },
      encoding: {
        ...position,
        y: { ...position.y, field: "perplexityLow" },
        y2: { field: "perplexityHigh" },
        stroke,
      },
    },
    ...(hasPublished ? [line(true)] : []),
    line(false),
    {
      transform: [
        { calculate: withInterval("score", ".3~f"), as: "scoreShown" },
        { calculate: withInterval("perplexity", ".2~f"), as: "perplexityShown" },
        { calculate: "isValid(datum.beta) ? datum.beta : '–'", as: "betaShown" },
      ],
      mark: { type: "point" as const, size: 45, opacity: 1, strokeWidth: 1.5 },
      encoding: {
        ...position,
        fill: {
          ...bySeries(
            series.map(({ isPublished }, i) => isPublished ? palette.background : styles[i].mark),
          ),
          legend,
        },
        stroke,
        shape,
        tooltip: [
          { field: "system", type: "nominal" as const, title: "System" },
          { field: "betaShown", type: "nominal" as const, title: "β" },
          { field: "scoreShown", type: "nominal" as const, title: titles.tooltips.score },
          { field: "perplexityShown", type: "nominal" as const, title: titles.tooltips.perplexity },
        ],
      },
    },
    ...textLayers(betas, FONT_SIZE.label, "normal", palette),
    ...textLayers(names ?? [], FONT_SIZE.series, "bold", palette),
  ];
}

/** Pairs of measured and published systems stay together in rows of an even number. */
function evenIf(paired: boolean, columns: number): number {
  return paired && columns > 1 ? columns - columns % 2 : columns;
}

/** A value of a point with its interval, if it has one, as a tooltip shows it. */
function withInterval(field: "score" | "perplexity", format: string): string {
  const shown = (name: string) => `format(datum.${name}, '${format}')`;
  return `${shown(field)} + (isValid(datum.${field}Low) ? ' [' + ${shown(`${field}Low`)} + ', ' + ${
    shown(`${field}High`)
  } + ']' : '')`;
}

/** The labels, with an outline below them that keeps them readable on lines. */
function textLayers(
  labels: Label[],
  fontSize: number,
  fontWeight: "normal" | "bold",
  palette: Palette,
) {
  const { outline } = palette;
  const layer = (some: Label[], color: string, outline: object) => ({
    data: { values: some.map(({ text, score, perplexity }) => ({ text, score, perplexity })) },
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
    ...(outline
      ? [layer(labels, outline, { stroke: outline, strokeWidth: 3, strokeJoin: "round" })]
      : []),
    // One layer a colour: a second field of colours would split the legend in two.
    ...[...Map.groupBy(labels, (label) => labelFill(label, palette))].map(([fill, some]) =>
      layer(some, fill, {})
    ),
  ];
}
