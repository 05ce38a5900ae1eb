import type { TopLevelSpec } from "vega-lite";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { type AxisRange, linearRange, logRange, scaleAndTicks } from "./axis_range.ts";
import { chart } from "./chart_display.ts";
import { type ChartRows, chartRows, chartRowsKind } from "./chart_rows.ts";
import { lineNameLayers, type PlacedName } from "./line_name_layers.ts";
import { type NamedLine, placeLineNames } from "./line_names.ts";
import { type Palette, seriesStyle } from "./palette.ts";
import { chartOptions, legendColumns, plotSize, themeConfig, titleLines } from "./theme.ts";
import { thinLine } from "./thin_line.ts";

/** A singular value of the reward matrix of one model. */
export interface SingularValueRow {
  /** The model. */
  system: string;
  /** Its place, from 1 for the largest. */
  index: number;
  /** The singular value, in any unit: the chart divides it by the model's largest. */
  value: number;
}

/** The options of {@linkcode singularValuesChart}. */
export const singularValuesChartOptions = {
  title: { type: "text", help: "the title", default: "Rank of the reward matrix" },
  ...chartOptions,
  subtitle: {
    ...chartOptions.subtitle,
    defaultHelp: '"Singular values of the rewards of prefixes × tokens.", and what armWidth means',
  },
  armWidth: {
    type: "integer",
    min: 1,
    help:
      "the width d of an ARM, drawn as a rule: its reward matrix has rank d at most, as equation (2) is linear " +
      "in the hidden state",
  },
  remainder: {
    type: "boolean",
    help:
      "a second panel, of what share of the squared norm the first n leave out; it is of the given singular " +
      "values, so give them all",
    default: true,
  },
  indexScale: {
    type: "choice",
    of: ["linear", "log"],
    help: "the axis of the singular values' numbers",
    default: "log",
  },
  floor: {
    type: "number",
    above: 0,
    below: 1,
    help:
      "values that are smaller parts of the model's largest are taken for 0: at single precision they are rounding",
    default: 1e-6,
  },
  points: {
    type: "integer",
    min: 2,
    help: "how many points are kept of each line at most; the first and the last are",
    default: 300,
  },
  width: { ...plotSize, help: "the width of the plot, in pixels", default: 360 },
  height: {
    ...plotSize,
    help: "the height of the panel of singular values, in pixels; the second panel has 60 % of it",
    default: 200,
  },
} as const satisfies OptionTable;

/** The options of {@linkcode singularValuesChart}. */
export type SingularValuesChartOptions = OptionsOf<typeof singularValuesChartOptions>;

/** A point of either panel. */
interface Point {
  system: string;
  index: number;
  value: number;
}

/** The share of the horizontal axis left free at either end: lines without points need little. */
const INDEX_MARGIN = 0.02;
const DASH = [5, 4];
const SUBTITLE = "Singular values of the rewards of prefixes × tokens.";
const WHAT = "Cannot draw the singular values";

/**
 * What rank reward models use: the singular values of each model's matrix of rewards (prefixes × vocabulary), as parts
 * of its largest on a logarithmic axis, one line a model; below, the share of the squared norm that the first n leave out,
 *
 *     1 − (σ₁² + … + σₙ²) / (σ₁² + … + σₘ²),
 *
 * which is the squared error of the best approximation of rank n as a share of the whole.
 *
 * Models are named at their lines where all names fit, otherwise in a legend. Names are placed for the given width and
 * height: a spec of another size needs a new call.
 *
 * @param singularValues one object a singular value, or a frame with these columns, in any order.
 * @returns a Vega-Lite 6 spec with its data in it; it needs no network and no other file.
 * @throws {RangeError} if there is no row, a column is missing, an index or a value is out of range, singular values do not fall, a model
 *   has two rows of the same index or none above zero, or an option is out of range.
 * @throws {TypeError} if a system is not a string, a column of a frame holds something else, or an option is unknown or
 *   of another type.
 */
export function singularValuesChart(
  singularValues: ChartRows<SingularValueRow>,
  options: SingularValuesChartOptions = {},
): TopLevelSpec {
  checkArgument("singularValuesChart", "singularValues", chartRowsKind, singularValues);
  const settled = settle("singularValuesChart", singularValuesChartOptions, options);
  const { title, theme, armWidth, remainder, indexScale, floor, points, width, height } = settled;
  const {
    subtitle = armWidth === undefined
      ? SUBTITLE
      : `${SUBTITLE} An ARM of width d can hold d of them.`,
  } = settled;
  const rows = chartRows(singularValues, WHAT, {
    system: "text",
    index: "number",
    value: "number",
  });
  validate(rows);

  const spectra = [...Map.groupBy(rows, ({ system }) => system)].map(([system, own]) => {
    const sorted = own.toSorted((a, b) => a.index - b.index);
    const values = sorted.map(({ index, value }) => (
      { system, index, value: value / sorted[0].value }
    ));
    return { system, values: values.filter(({ value }) => value >= floor) };
  });
  const limit = armWidth;
  const indices = rows.map(({ index }) => index);
  const range = indexScale === "log" ? logRange : linearRange;
  const x = range(limit === undefined ? indices : [...indices, limit], INDEX_MARGIN);

  const lines = spectra.map(({ system, values }) => (
    { system, points: thinned(values, points, indexScale) }
  ));
  const y = logRange(lines.flatMap((line) => line.points.map(({ value }) => value)));
  const { names, limitName } = placeNames(lines, limit, { x, y, width, height });
  const left = spectra.flatMap(({ system, values }) => {
    const line = remainders(values).filter(({ value }) => value > 0);
    return thinned(line.map((point) => ({ system, ...point })), points, indexScale);
  });
  const hasRemainder = remainder && left.length > 0;

  const systems = lines.map(({ system }) => system);
  const indexTitle = "Number of the singular value, n" +
    (indexScale === "log" ? " (log scale)" : "");
  const panel = (
    values: Point[],
    { y, title, height, isLowest, labels }: {
      y: AxisRange;
      title: string | string[];
      height: number;
      isLowest: boolean;
      labels: PlacedName[];
    },
    palette: Palette,
  ) => {
    const color = {
      field: "system",
      type: "nominal",
      scale: { domain: systems, range: systems.map((_, i) => seriesStyle(palette, i).mark) },
      legend: names ? null : {
        title: null,
        orient: "top",
        columns: legendColumns(systems, width),
        symbolType: "stroke",
      },
    } as const;
    const position = {
      x: {
        field: "index",
        type: "quantitative",
        title: isLowest ? indexTitle : null,
        ...scaleAndTicks(x),
        ...(!isLowest && { axis: { ...scaleAndTicks(x).axis, labels: false } }),
      },
      y: { field: "value", type: "quantitative", title, ...scaleAndTicks(y) },
    } as const;
    return {
      width,
      height,
      data: { values },
      layer: [
        {
          data: { values: limit === undefined ? [] : [{ index: limit }] },
          mark: { type: "rule", color: palette.secondary, strokeWidth: 1.5, strokeDash: DASH },
          encoding: { x: position.x },
        } as const,
        {
          mark: { type: "line", strokeWidth: 2 },
          encoding: { ...position, color, order: { field: "index", type: "quantitative" } },
        } as const,
        ...lineNameLayers(labels, "index", "value", palette),
      ],
    };
  };
  return chart(theme, (palette) => ({
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `${title}: singular values of reward matrices against their number.`,
    title: titleLines(title, subtitle, width),
    spacing: 14,
    vconcat: [
      panel(lines.flatMap(({ points }) => points), {
        y,
        title: "Part of the largest (log scale)",
        height,
        isLowest: !hasRemainder,
        labels: [...(names ?? []), ...(limitName ? [limitName] : [])],
      }, palette),
      ...(hasRemainder
        ? [panel(left, {
          y: logRange(left.map(({ value }) => value)),
          title: ["Squared norm left out", "(share, log scale)"],
          height: Math.max(100, Math.round(0.6 * height)),
          isLowest: true,
          labels: [],
        }, palette)]
        : []),
    ],
    config: themeConfig(palette),
  }));
}

/** What share of the squared norm is left out by the first n, for each n. */
function remainders(values: readonly Point[]): { index: number; value: number }[] {
  const left: { index: number; value: number }[] = [];
  let sum = 0;
  // From the smallest on: one less the share of the first n would be rounding where little is left.
  for (const { index, value } of values.toReversed()) {
    left.push({ index, value: sum });
    sum += value ** 2;
  }
  return left.reverse().map(({ index, value }) => ({ index, value: value / sum }));
}

/** The points of a line, few enough, for an axis of this scale and a logarithmic one of values. */
function thinned(line: readonly Point[], most: number, scale: "linear" | "log"): Point[] {
  const drawn = line.map(({ index, value }) => ({
    x: scale === "log" ? Math.log(index) : index,
    y: Math.log(value),
  }));
  return thinLine(drawn, most).map((i) => line[i]);
}

/** The names of the lines, undefined if one has no place; and that of the rule at the limit, if it has one. */
function placeNames(
  lines: readonly { system: string; points: readonly Point[] }[],
  limit: number | undefined,
  { x, y, width, height }: { x: AxisRange; y: AxisRange; width: number; height: number },
): { names: PlacedName[] | undefined; limitName: PlacedName | undefined } {
  const rule = {
    name: `an ARM's limit: d = ${limit}`,
    isRule: true,
    // From the bottom to the top, where lines that fall leave room.
    points: Array.from({ length: 20 }, (_, i) => ({
      x: width * x.share(limit ?? 0),
      y: height * (1 - i / 19),
    })),
  };
  const drawn = lines.map(({ system, points }, i) => ({
    name: system,
    series: i,
    points: points.map(({ index, value }) => ({
      x: width * x.share(index),
      y: height * (1 - y.share(value)),
    })),
  }));
  // The rule is named first: its name is longer.
  const named: (NamedLine & { series?: number })[] = limit === undefined ? drawn : [rule, ...drawn];
  const placed = placeLineNames(named, { width, height }).map((at, i) =>
    at && {
      text: named[i].name,
      series: named[i].series,
      x: x.value(at.x / width),
      y: y.value(1 - at.y / height),
    }
  );
  const limitName = limit === undefined ? undefined : placed.shift();
  const names = placed.filter((name) => name !== undefined);
  return { names: names.length === lines.length ? names : undefined, limitName };
}

function validate(rows: readonly SingularValueRow[]): void {
  if (rows.length === 0) throw new RangeError(`${WHAT} as there is no row: pass at least one`);
  const seen = new Map<string, Map<number, number>>();
  for (const [i, { system, index, value }] of rows.entries()) {
    const refuse = (reason: string) => `${WHAT} as in row ${i + 1} ${reason}`;
    if (typeof system !== "string") {
      throw new TypeError(refuse(`'system' is not a string: it is ${system}`));
    }
    if (!Number.isInteger(index) || index < 1) {
      throw new RangeError(refuse(`'index' must be a positive integer: it is ${index}`));
    }
    if (!(value >= 0 && value < Infinity)) {
      throw new RangeError(refuse(`'value' must be a number of at least 0: it is ${value}`));
    }
    const own = seen.get(system) ?? new Map<number, number>();
    if (own.has(index)) {
      throw new RangeError(refuse(`'${system}' has the index ${index} a second time`));
    }
    seen.set(system, own.set(index, value));
  }
  for (const [system, own] of seen) {
    const sorted = [...own].toSorted(([a], [b]) => a - b);
    if (sorted[0][0] !== 1 || !(sorted[0][1] > 0)) {
      throw new RangeError(
        `${WHAT} as '${system}' has no largest one above 0: give the value of index 1`,
      );
    }
    const risen = sorted.findIndex(([, value], i) => i > 0 && value > sorted[i - 1][1]);
    if (risen > 0) {
      throw new RangeError(
        `${WHAT} as those of '${system}' do not fall: that of index ${
          sorted[risen][0]
        } is larger than the one before`,
      );
    }
  }
}
