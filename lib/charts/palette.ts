/** How the marks and the text of one series look. */
export interface SeriesStyle {
  /** The colour of lines and points. */
  mark: string;
  /** The same hue, for text: with a contrast of at least 4.5 : 1, or 3.5 : 1 where the page is not known. */
  text: string;
  /** The Vega shape of the points. */
  shape: string;
}

/** What a figure is drawn on. */
export const themeNames = ["light", "dark", "transparent"] as const;
export type ThemeName = typeof themeNames[number];

/** The colours of a theme. */
export interface Palette {
  readonly background: string;
  readonly text: string;
  readonly secondary: string;
  readonly axis: string;
  readonly grid: string;
  /** What is drawn around text, below it, to keep it readable on lines; nothing where the page is not known. */
  readonly outline?: string;
  readonly series: readonly Pick<SeriesStyle, "mark" | "text">[];
}

/**
 * Series have the colours of Okabe and Ito, which stay distinct in all common forms of colour blindness; without their
 * yellow, which cannot be seen on white. On a dark page they are lighter. Where the page is not known, they are those
 * of a middle lightness: about as far from white as from black.
 */
export const palettes: Readonly<Record<ThemeName, Palette>> = {
  light: {
    background: "white",
    text: "#222222",
    secondary: "#555555",
    axis: "#888888",
    grid: "#e8e8e8",
    outline: "white",
    series: [
      { mark: "#0072B2", text: "#00639B" },
      { mark: "#D55E00", text: "#B04E00" },
      { mark: "#009E73", text: "#00785A" },
      { mark: "#CC79A7", text: "#A34A7B" },
      { mark: "#E69F00", text: "#8F6200" },
      { mark: "#56B4E9", text: "#1F76A8" },
      { mark: "#000000", text: "#000000" },
    ],
  },
  dark: {
    background: "#111111",
    text: "#e6e6e6",
    secondary: "#b0b0b0",
    axis: "#808080",
    grid: "#303030",
    outline: "#111111",
    series: [
      { mark: "#3D9BE0", text: "#5AADEA" },
      { mark: "#EE7733", text: "#F28B50" },
      { mark: "#1FBF92", text: "#34CFA3" },
      { mark: "#DD8FBB", text: "#E3A0C6" },
      { mark: "#F0B030", text: "#F0B030" },
      { mark: "#8CD0F5", text: "#8CD0F5" },
      { mark: "#F0F0F0", text: "#F0F0F0" },
    ],
  },
  transparent: {
    background: "transparent",
    text: "#7a7a7a",
    secondary: "#7a7a7a",
    axis: "#7f7f7f",
    grid: "rgba(127,127,127,0.22)",
    series: [
      { mark: "#1F7FC0", text: "#2880BE" },
      { mark: "#D55E00", text: "#CC6010" },
      { mark: "#0A9068", text: "#118763" },
      { mark: "#C06097", text: "#B8609A" },
      { mark: "#B57B00", text: "#A87300" },
      { mark: "#4494C4", text: "#3F88B5" },
      { mark: "#7a7a7a", text: "#7a7a7a" },
    ],
  },
};

/** As many as not to repeat with the colours: they tell series apart beyond the seventh, and in print. */
const SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"];

/** The style of the series at a position of the list of series. */
export function seriesStyle({ series }: Palette, position: number): SeriesStyle {
  return { ...series[position % series.length], shape: SHAPES[position % SHAPES.length] };
}
