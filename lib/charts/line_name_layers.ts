import { FONT_SIZE } from "./theme.ts";

/** A name centred on a place, in the units of the axes. */
export interface PlacedName {
  readonly text: string;
  readonly fill: string;
  readonly x: number;
  readonly y: number;
}

/**
 * Layers that write names into a plot, with a white outline below them that keeps them readable on lines and bands.
 *
 * @param xField the field of the plot's horizontal axis.
 * @param yField the field of its vertical axis.
 */
export function lineNameLayers(names: readonly PlacedName[], xField: string, yField: string) {
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
    layer(name, "white", { stroke: "white", strokeWidth: 3, strokeJoin: "round" }),
    layer(name, name.fill, {}),
  ]);
}
