import type { TopLevelSpec } from "vega-lite";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { type AxisRange, linearRange, logRange, scaleAndTicks } from "./axis_range.ts";
import { chart } from "./chart_display.ts";
import { type ChartRows, chartRows, chartRowsKind } from "./chart_rows.ts";
import { lineNameLayers, nameFill } from "./line_name_layers.ts";
import { type Box, placeLabel, type Position, ringsFrom, type Segment } from "./label_placement.ts";
import { type Palette, seriesStyle } from "./palette.ts";
import { chartOptions, FONT_SIZE, plotSize, textWidth, themeConfig, titleLines } from "./theme.ts";

/** What a token costs one system at one number of rated tokens. */
export interface TimePerTokenRow {
  system: string;
  /** Tokens that a step rates. */
  k: number;
  /** Milliseconds of a step of the batch. */
  milliseconds: number;
  /** The fastest and the slowest of several rounds; drawn if both are numbers. */
  low?: number | null;
  high?: number | null;
}

/** What the base model alone takes beside a system at one number of rated tokens. */
export type UnguidedRow = Omit<TimePerTokenRow, "system">;

/** The options of {@linkcode timePerTokenChart}. */
export const timePerTokenChartOptions = {
  title: { type: "text", help: "the title", default: "Time a token against the tokens rated" },
  ...chartOptions,
  unguided: {
    type: "value",
    is: isUnguidedRows,
    what: chartRowsKind.what,
    help:
      "what the base model takes without steering, timed beside each k: one row a k, drawn as a dashed line",
  },
  vocabulary: {
    type: "integer",
    min: 1,
    help: "the number of tokens in all: a point there is labelled 'all'",
  },
  width: { ...plotSize, help: "the width of the plot, in pixels", default: 420 },
  height: { ...plotSize, help: "the height of the plot, in pixels", default: 260 },
} as const satisfies OptionTable;

/** The options of {@linkcode timePerTokenChart}. */
export type TimePerTokenChartOptions = OptionsOf<typeof timePerTokenChartOptions>;

function isUnguidedRows(value: unknown): value is ChartRows<UnguidedRow> {
  return chartRowsKind.is(value);
}

const WHAT = "Cannot draw the time a token";
/** The time axis is logarithmic if the values span more than this factor. */
const LOG_FACTOR = 3;
/** How far a drawn point reaches, in pixels. */
const POINT_RADIUS = 4.5;
/** Distances from the end of a line at which its name is tried, in pixels. */
const GAPS = [7, 17, 29, 41, 53];
/** A name farther off than this is joined to its line. */
const JOINED_FROM = 16;
const UNGUIDED = "unguided";
const DASH = [5, 4];
/** A time and its interval as a tooltip shows them. */
const WITH_INTERVAL = "format(datum.milliseconds, '.3~r') + (isValid(datum.low) ? ' [' + " +
  "format(datum.low, '.3~r') + ', ' + format(datum.high, '.3~r') + ']' : '')";

/**
 * The paper's figure 6: time a token against the number of rated tokens k, one line a system. Both axes show factors:
 * that of k is logarithmic, that of time where the values span more than threefold.
 *
 * Systems are named at the ends of their lines where all names fit, otherwise in a legend. Names are placed for the
 * given width and height: a spec of another size needs a new call.
 *
 * @param times one object a point, or a frame with these columns.
 * @returns a Vega-Lite 6 spec with its data in it; it needs no network and no other file.
 * @throws {RangeError} if there is no row, a column or number is missing or not positive, a system has two rows of the same
 *   k, or an option is out of range.
 * @throws {TypeError} if a system is not a string, a column of a frame holds something else, or an option is unknown or of
 *   another type.
 */
export function timePerTokenChart(
  times: ChartRows<TimePerTokenRow>,
  options: TimePerTokenChartOptions = {},
): TopLevelSpec {
  checkArgument("timePerTokenChart", "times", chartRowsKind, times);
  const { title, subtitle, theme, unguided, vocabulary, width, height } = settle(
    "timePerTokenChart",
    timePerTokenChartOptions,
    options,
  );
  const columns = { k: "number", milliseconds: "number", low: "number?", high: "number?" } as const;
  const rows = chartRows(times, WHAT, { system: "text", ...columns });
  if (rows.length === 0) {
    throw new RangeError(`${WHAT} as there is no row: pass at least one point`);
  }
  const alone = chartRows(unguided ?? [], `${WHAT} of the base model alone`, columns)
    .map((row) => ({ ...row, system: UNGUIDED }));
  validate(rows, "");
  validate(alone, "'unguided', ");

  const points = [...alone, ...rows].map(({ system, k, milliseconds, low, high }) => ({
    system,
    k,
    milliseconds,
    ...(isNumber(low) && isNumber(high) && { low, high }),
  }));
  const values = points.flatMap((p) => [
    p.milliseconds,
    p.low ?? p.milliseconds,
    p.high ?? p.milliseconds,
  ]);
  const isLog = Math.max(...values) > LOG_FACTOR * Math.min(...values);
  const ks = [...new Set(points.map(({ k }) => k))].sort((a, b) => a - b);
  const plot: Plot = {
    x: logRange(ks),
    y: isLog ? logRange(values) : linearRange(values),
    width,
    height,
  };
  const steered = [...new Set(rows.map(({ system }) => system))];
  const systems = alone.length > 0 ? [...steered, UNGUIDED] : steered;
  const names = placeNames(points, systems, plot);
  const timeTitle = "Time a token of the batch (ms)";
  const position = {
    x: {
      field: "k",
      type: "quantitative",
      title: "Tokens rated a step, k (log scale)",
      ...scaleAndTicks(plot.x),
      axis: {
        values: ks,
        labelExpr: `datum.value === ${
          vocabulary ?? 0
        } ? 'all ' + format(datum.value, ',') : format(datum.value, ',')`,
        grid: false,
      },
    },
    y: {
      field: "milliseconds",
      type: "quantitative",
      title: isLog ? `${timeTitle} (log scale)` : timeTitle,
      ...scaleAndTicks(plot.y),
    },
  } as const;

  return chart(theme, (palette) => {
    const styles = systems.map((system, i) =>
      system === UNGUIDED ? { mark: palette.secondary, shape: "circle" } : seriesStyle(palette, i)
    );
    const bySystem = { field: "system", type: "nominal" } as const;
    const legend = names
      ? null
      : { title: null, orient: "top", columns: 3, symbolOpacity: 1 } as const;
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
    const line = (dashed: boolean) => ({
      transform: [{ filter: `datum.system ${dashed ? "===" : "!=="} '${UNGUIDED}'` }],
      mark: {
        type: "line" as const,
        ...(dashed ? { strokeWidth: 1.5, strokeDash: DASH } : { strokeWidth: 2, opacity: 0.8 }),
      },
      encoding: {
        ...position,
        color,
        order: { field: "k", type: "quantitative" as const },
      },
    });
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      description: `${title}: ${timeTitle} against the number of rated tokens k.`,
      title: titleLines(title, subtitle, width),
      width,
      height,
      data: { values: points },
      layer: [
        {
          transform: [{ filter: "isValid(datum.low)" }],
          mark: { type: "rule", opacity: 0.45, strokeWidth: 1.5 },
          encoding: {
            ...position,
            y: { ...position.y, field: "low" },
            y2: { field: "high" },
            color,
          },
        },
        ...(alone.length > 0 ? [line(true)] : []),
        line(false),
        {
          transform: [{ calculate: WITH_INTERVAL, as: "shown" }],
          mark: {
            type: "point",
            filled: true,
            size: 55,
            opacity: 1,
            ...(palette.outline && { stroke: palette.outline, strokeWidth: 1 }),
          },
          encoding: {
            ...position,
            color,
            shape,
            tooltip: [
              { field: "system", type: "nominal", title: "System" },
              { field: "k", type: "quantitative", title: "k", format: "," },
              { field: "shown", type: "nominal", title: timeTitle },
            ],
          },
        },
        ...nameLayers(names ?? [], palette),
      ],
      config: themeConfig(palette),
    };
  });
}

/** The axes and the size of the plot, in pixels. */
interface Plot {
  readonly x: AxisRange;
  readonly y: AxisRange;
  readonly width: number;
  readonly height: number;
}

/** A name centred on a place, and a line that joins it to its own if it is far off. */
interface Name {
  readonly text: string;
  /** Its place in the list of systems; none for the base model alone. */
  readonly series?: number;
  readonly k: number;
  readonly milliseconds: number;
  readonly joined?: { k: number; milliseconds: number; k2: number; milliseconds2: number };
}

type Point = Pick<TimePerTokenRow, "system" | "k" | "milliseconds">;

/** The names at the ends of the lines, clear of lines, points and each other; undefined if one has no place. */
function placeNames(
  points: readonly Point[],
  systems: readonly string[],
  plot: Plot,
): Name[] | undefined {
  const { x, y, width, height } = plot;
  const pixelOf = ({ k, milliseconds }: Omit<Point, "system">): Position => ({
    x: width * x.share(k),
    y: height * (1 - y.share(milliseconds)),
  });
  const lines = systems.map((system) =>
    points.filter((point) => point.system === system).toSorted((a, b) => a.k - b.k).map(pixelOf)
  );
  const segments: Segment[] = lines.flatMap((line) =>
    line.slice(1).map((to, i) => ({ from: line[i], to, cost: Infinity }))
  );
  const boxes: Box[] = lines.flat().map((at) => boxAround(at, 2 * POINT_RADIUS, 2 * POINT_RADIUS));
  const ends = lines.map((line, i) => ({
    text: systems[i],
    ...(systems[i] !== UNGUIDED && { series: i }),
    at: line.at(-1)!,
  }));
  const names: Name[] = [];
  // from above, so that names that are pushed away keep the order of their lines
  for (const { text, series, at } of ends.toSorted((a, b) => a.at.y - b.at.y)) {
    const size = { width: textWidth(text, FONT_SIZE.series, "bold"), height: FONT_SIZE.series + 1 };
    const surroundings = {
      frame: { left: 2, top: 2, right: width - 2, bottom: height - 2 },
      boxes,
      segments,
    };
    let box: Box | undefined;
    const gap = GAPS.find((gap) => box = placeLabel(at, size, ringsFrom(gap), surroundings));
    if (!box || gap === undefined) return undefined;
    boxes.push(box);
    const centre = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
    const valueOf = (place: Position) => ({
      k: x.value(place.x / width),
      milliseconds: y.value(1 - place.y / height),
    });
    const near = {
      x: Math.min(Math.max(at.x, box.left), box.right),
      y: Math.min(Math.max(at.y, box.top), box.bottom),
    };
    const [from, to] = [valueOf(at), valueOf(near)];
    const joined = { ...from, k2: to.k, milliseconds2: to.milliseconds };
    names.push({ text, series, ...valueOf(centre), ...(gap > JOINED_FROM && { joined }) });
  }
  return names;
}

function boxAround({ x, y }: Position, width: number, height: number): Box {
  return { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 };
}

/** The names, and the lines that join those that are far off. */
function nameLayers(names: readonly Name[], palette: Palette) {
  const placed = names.map(({ text, series, k, milliseconds }) => ({
    text,
    series,
    x: k,
    y: milliseconds,
  }));
  return [
    ...names.filter(({ joined }) => joined).map(({ joined, series }) => ({
      data: { values: [joined!] },
      mark: { type: "rule", color: nameFill({ series }, palette), strokeWidth: 0.75, opacity: 0.6 },
      encoding: {
        x: { field: "k", type: "quantitative" },
        y: { field: "milliseconds", type: "quantitative" },
        x2: { field: "k2" },
        y2: { field: "milliseconds2" },
      },
    } as const)),
    ...lineNameLayers(placed, "k", "milliseconds", palette),
  ];
}

function validate(rows: readonly TimePerTokenRow[], kind: string): void {
  const seen = new Set<string>();
  for (const [i, row] of rows.entries()) {
    const refuse = (reason: string) =>
      new RangeError(`${WHAT} as in ${kind}row ${i + 1} ${reason}`);
    if (typeof row.system !== "string") {
      throw new TypeError(
        `${WHAT} as in ${kind}row ${i + 1} 'system' is not a string: it is ${row.system}`,
      );
    }
    for (const column of ["k", "milliseconds"] as const) {
      if (!(isNumber(row[column]) && row[column] > 0)) {
        throw refuse(`'${column}' is ${row[column]}: drop the row or give a positive number`);
      }
    }
    const { low, high } = row;
    if (isNumber(low) && isNumber(high) && !(low > 0 && low <= high)) {
      throw refuse(`'low' and 'high' must be positive and rise: they are ${low} and ${high}`);
    }
    const key = JSON.stringify([row.system, row.k]);
    if (seen.has(key)) {
      throw refuse(`'${row.system}' has k = ${row.k} a second time: average such rows first`);
    }
    seen.add(key);
  }
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}
