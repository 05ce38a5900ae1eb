/** What cells say of their outputs by their tags. */
export const cellTags = {
  /** It shows a chart: as Vega-Lite, to hover over, and as an image, for readers without JavaScript. */
  chart: "chart",
  /** It shows nothing. */
  silent: "silent",
  /** It shows times, which are others every time. */
  timing: "timing",
  /** It shows work in progress only if there is work: its results are kept, and used again. */
  kept: "kept",
} as const;
