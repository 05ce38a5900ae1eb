import type { scaleAndTicks } from "./axis_range.ts";
import { type Palette, seriesStyle } from "./palette.ts";
import { legendColumns } from "./theme.ts";

/** One system at one strength. */
export interface OptimumRow {
  system: string;
  /**
   * What kind of system it is. Where there are several kinds each has a panel of its own, in which the other systems are
   * grey.
   */
  group?: string | null;
  /** Its strength, whatever it is to it; none where it has no such setting. */
  beta?: number | null;
  /** The mean reward E_q[r]. */
  reward: number;
  /** KL(q‖p), in nats a text. */
  divergence: number;
  /** The confidence intervals; drawn if both ends are numbers. */
  rewardLow?: number | null;
  rewardHigh?: number | null;
  divergenceLow?: number | null;
  divergenceHigh?: number | null;
  /** KL(q‖p*), for the tooltip. */
  gap?: number | null;
}

/** The optimum at one strength. */
export interface FrontierRow {
  beta: number;
  reward: number;
  divergence: number;
}

/** The axes of a plot of the optimum. */
export interface OptimumPlot {
  readonly line: readonly FrontierRow[];
  readonly rewardTitle: string;
  /** Scale and ticks of rewards. */
  readonly rewards: ReturnType<typeof scaleAndTicks>;
  /** The largest number of nats on the axis. */
  readonly most: number;
  readonly width: number;
}

const FRONTIER = "the optimum";

/**
 * The frontier, and systems beside it.
 *
 * @param points those that are named and coloured.
 * @param others those that are grey.
 */
export function optimumLayers(
  points: readonly OptimumRow[],
  others: readonly OptimumRow[],
  { line, rewardTitle, rewards, most, width }: OptimumPlot,
  palette: Palette,
) {
  const natsDomain: number[] = [0, most];
  const position = {
    x: {
      field: "divergence",
      type: "quantitative",
      title: "Nats from the base, KL(q‖p) a text (square-root scale)",
      // small distances are what tells systems apart, and they begin at 0
      scale: { type: "sqrt", domain: natsDomain, nice: false, clamp: true },
      axis: { tickCount: 8 },
    },
    y: { field: "reward", type: "quantitative", title: rewardTitle, ...rewards },
  } as const;
  const systems = [...new Set(points.map(({ system }) => system))];
  const domain = [FRONTIER, ...systems];
  const styles = systems.map((_, i) => seriesStyle(palette, i));
  const legend = {
    title: null,
    orient: "top",
    direction: "horizontal",
    columns: legendColumns(domain, width),
    symbolOpacity: 1,
  } as const;
  const bySystem = (range: string[]) => (
    { field: "system", type: "nominal", scale: { domain, range }, legend } as const
  );
  const color = bySystem([palette.text, ...styles.map(({ mark }) => mark)]);
  const shape = bySystem(["stroke", ...styles.map(({ shape }) => shape)]);
  const order = { field: "beta", type: "quantitative" } as const;
  const rule = (axis: "x" | "y", field: "reward" | "divergence") => ({
    transform: [{ filter: `isValid(datum.${field}Low) && isValid(datum.${field}High)` }],
    mark: { type: "rule" as const, opacity: 0.45, strokeWidth: 1.5 },
    encoding: {
      ...position,
      [axis]: { ...position[axis], field: `${field}Low` },
      [`${axis}2`]: { field: `${field}High` },
      color,
    },
  });
  const grey = others.length === 0 ? [] : [{
    data: { values: others.map((point) => ({ ...point })) },
    mark: { type: "point" as const, filled: true, size: 18, opacity: 0.35, color: palette.axis },
    encoding: position,
  }];
  return [
    ...grey,
    {
      data: { values: line.map((point) => ({ ...point, system: FRONTIER })) },
      mark: { type: "line" as const, strokeWidth: 2.5 },
      encoding: { ...position, color, order },
    },
    rule("x", "divergence"),
    rule("y", "reward"),
    {
      mark: { type: "line" as const, strokeWidth: 1.25, opacity: 0.6 },
      encoding: { ...position, color, order },
    },
    {
      transform: [
        { calculate: withInterval("reward", ".3~f"), as: "rewardShown" },
        { calculate: withInterval("divergence", ".2~f"), as: "divergenceShown" },
        { calculate: "isValid(datum.beta) ? datum.beta : '–'", as: "betaShown" },
        { calculate: "isValid(datum.gap) ? format(datum.gap, '.2~f') : '–'", as: "gapShown" },
      ],
      mark: { type: "point" as const, filled: true, size: 45, opacity: 1 },
      encoding: {
        ...position,
        color,
        shape,
        tooltip: [
          { field: "system", type: "nominal" as const, title: "System" },
          { field: "betaShown", type: "nominal" as const, title: "β" },
          { field: "rewardShown", type: "nominal" as const, title: rewardTitle },
          { field: "divergenceShown", type: "nominal" as const, title: "Nats from the base" },
          { field: "gapShown", type: "nominal" as const, title: "Nats from the optimum" },
        ],
      },
    },
  ];
}

/** A value of a point with its interval, if it has one, as a tooltip shows it. */
function withInterval(field: "reward" | "divergence", format: string): string {
  const shown = (name: string) => `format(datum.${name}, '${format}')`;
  return `${shown(field)} + (isValid(datum.${field}Low) ? ' [' + ${shown(`${field}Low`)} + ', ' + ${
    shown(`${field}High`)
  } + ']' : '')`;
}
