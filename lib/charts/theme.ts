import type { Config } from "vega-lite";

/** How the marks and the text of one series look. */
export interface SeriesStyle {
  /** The colour of lines and points. */
  mark: string;
  /** The same hue, dark enough for text on white (contrast of at least 4.5 : 1). */
  text: string;
  /** The Vega shape of the points. */
  shape: string;
}

/**
 * The palette of Okabe and Ito, which stays distinct in all common forms of colour blindness;
 * without its yellow, which cannot be seen on white. As many shapes as not to repeat with the
 * colours tell series apart beyond the seventh and in print.
 */
const PALETTE = [
  { mark: "#0072B2", text: "#00639B" },
  { mark: "#D55E00", text: "#B04E00" },
  { mark: "#009E73", text: "#00785A" },
  { mark: "#CC79A7", text: "#A34A7B" },
  { mark: "#E69F00", text: "#8F6200" },
  { mark: "#56B4E9", text: "#1F76A8" },
  { mark: "#000000", text: "#000000" },
];
const SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"];

/** The style of the series at a position of the list of series. */
export function seriesStyle(position: number): SeriesStyle {
  return {
    ...PALETTE[position % PALETTE.length],
    shape: SHAPES[position % SHAPES.length],
  };
}

/** Sizes of text, in pixels. */
export const FONT_SIZE = { title: 13, subtitle: 11, axisTitle: 11, label: 10, series: 11 };

/** Greys for text and lines. */
export const GREY = { text: "#222222", secondary: "#555555", axis: "#888888", grid: "#e8e8e8" };

/**
 * The look of every figure. The background is opaque, so that a figure is as readable on the dark
 * page of a notebook as on paper, and the font is the reader's sans-serif.
 */
export const theme: Config = {
  background: "white",
  padding: 8,
  font: "sans-serif",
  view: { stroke: null },
  axis: {
    labelFontSize: FONT_SIZE.label,
    labelColor: GREY.text,
    titleFontSize: FONT_SIZE.axisTitle,
    titleFontWeight: "normal",
    titleColor: GREY.text,
    titlePadding: 8,
    domainColor: GREY.axis,
    tickColor: GREY.axis,
    tickSize: 4,
    gridColor: GREY.grid,
  },
  legend: {
    labelFontSize: FONT_SIZE.series,
    labelColor: GREY.text,
    labelLimit: 320,
    symbolSize: 60,
    offset: 8,
    symbolStrokeWidth: 1.5,
  },
  title: {
    anchor: "start",
    frame: "bounds",
    fontSize: FONT_SIZE.title,
    fontWeight: "bold",
    color: GREY.text,
    subtitleFontSize: FONT_SIZE.subtitle,
    subtitleColor: GREY.secondary,
    offset: 10,
  },
};

/** The widths of signs in DejaVu Sans, the widest of the usual fonts, rounded up, in ems. */
const SIGN_WIDTHS: [RegExp, number][] = [
  [/[ !"'(),./:;IJ[\]fijlrt|-]/, 0.41],
  [/[%@mwMW—]/, 1],
  [/[A-Z&+<=>#~]/, 0.79],
  [/[ᄀ-￯]|\p{Emoji_Presentation}/u, 1.1],
];

/**
 * An upper estimate of the width of a text, in pixels: there is no browser to measure with, and the
 * font that the reader has is not known.
 */
export function textWidth(
  text: string,
  fontSize: number,
  fontWeight: "normal" | "bold" = "normal",
): number {
  let ems = 0;
  for (const sign of text) ems += SIGN_WIDTHS.find(([signs]) => signs.test(sign))?.[1] ?? 0.64;
  return ems * fontSize * (fontWeight === "bold" ? 1.12 : 1);
}

/** Throws a RangeError unless a plot of this size can hold a figure. */
export function validatePlotSize(width: number, height: number): void {
  for (const [name, value] of Object.entries({ width, height })) {
    if (!(value >= 100 && value <= 10_000)) {
      throw new RangeError(
        `Cannot draw a figure as '${name}' must be 100 to 10000 pixels: it is ${value}`,
      );
    }
  }
}

/** A title and subtitle as lines that are no wider than the figure. */
export function titleLines(
  title: string,
  subtitle: string | undefined,
  plotWidth: number,
): { text: string[]; subtitle?: string[] } {
  const width = plotWidth + AXIS_WIDTH;
  return {
    text: wrapped(title, width, FONT_SIZE.title, "bold"),
    ...(subtitle && { subtitle: wrapped(subtitle, width, FONT_SIZE.subtitle, "normal") }),
  };
}

/** About what the labels and the title of the vertical axis add to the width of the plot. */
export const AXIS_WIDTH = 45;

/** How many entries of a legend go side by side over a plot. */
export function legendColumns(names: readonly string[], plotWidth: number): number {
  const widest = Math.max(...names.map((name) => textWidth(name, FONT_SIZE.series))) + 30;
  return Math.max(1, Math.min(names.length, Math.floor((plotWidth + AXIS_WIDTH) / widest)));
}

/** The text as lines of at most so many pixels, broken at blanks. */
function wrapped(
  text: string,
  width: number,
  fontSize: number,
  fontWeight: "normal" | "bold",
): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    const fits = textWidth(longer, fontSize, fontWeight) <= width;
    if (lines.length > 0 && fits) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
