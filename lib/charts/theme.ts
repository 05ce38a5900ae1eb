import type { Config } from "vega-lite";
import type { Kind, OptionTable } from "../options/option.ts";
import { type Palette, themeNames } from "./palette.ts";

/** What every chart takes. */
export const chartOptions = {
  subtitle: { type: "text", help: "lines below the title" },
  theme: {
    type: "choice",
    of: themeNames,
    help: "what the chart is drawn on; transparent is in colours that light and dark pages show",
    defaultHelp: "light, and transparent where it is the value of a notebook's cell",
  },
} as const satisfies OptionTable;

/** How large a plot can be, in pixels. */
export const plotSize = { type: "integer", min: 100, max: 10_000 } as const satisfies Kind;

/** Sizes of text, in pixels. */
export const FONT_SIZE = { title: 13, subtitle: 11, axisTitle: 11, label: 10, series: 11 };

/** The look of every figure in the colours of a theme; the font is the reader's sans-serif. */
export function themeConfig({ background, text, secondary, axis, grid }: Palette): Config {
  return {
    background,
    padding: 8,
    font: "sans-serif",
    view: { stroke: null },
    axis: {
      labelFontSize: FONT_SIZE.label,
      labelColor: text,
      titleFontSize: FONT_SIZE.axisTitle,
      titleFontWeight: "normal",
      titleColor: text,
      titlePadding: 8,
      domainColor: axis,
      tickColor: axis,
      tickSize: 4,
      gridColor: grid,
    },
    legend: {
      labelFontSize: FONT_SIZE.series,
      labelColor: text,
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
      color: text,
      subtitleFontSize: FONT_SIZE.subtitle,
      subtitleColor: secondary,
      offset: 10,
    },
  };
}

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
