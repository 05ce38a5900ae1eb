import { type Palette, seriesStyle } from "./palette.ts";
import { FONT_SIZE } from "./theme.ts";

/** A name centred on a place, in the units of the axes. */
export interface PlacedName {
  readonly text: string;
  /** The place in the list of series of the one that it names; none for what is no series. */
  readonly series?: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Layers that write names into a plot, with an outline below them that keeps them readable on lines and bands.
 *
 * @param xField the field of the plot's horizontal axis.
 * @param yField the field of its vertical axis.
 */
export function lineNameLayers(
  names: readonly PlacedName[],
  xField: string,
  yField: string,
  palette: Palette,
) {
  const { outline } = palette;
  const layer = ({ text, x, y }: PlacedName, color: string, outline: object) => ({
    data: { values: [{ text, [xField]: x, [yField]: y }] },
    mark: {
      type: "text",
      fontSize: FONT_SIZE.series,
      fontWeight: "bold",
      align: "center",
      baseline: "middle",
      color,
      ...outline,
    },
    encoding: {
      x: { field: xField, type: "quantitative" },
      y: { field: yField, type: "quantitative" },
      text: { field: "text", type: "nominal" },
    },
  } as const);
  return names.flatMap((name) => [
    ...(outline
      ? [layer(name, outline, { stroke: outline, strokeWidth: 3, strokeJoin: "round" })]
      : []),
    layer(name, nameFill(name, palette), {}),
  ]);
}

/** The colour of a name. */
export function nameFill({ series }: Pick<PlacedName, "series">, palette: Palette): string {
  return series === undefined ? palette.secondary : seriesStyle(palette, series).text;
}
