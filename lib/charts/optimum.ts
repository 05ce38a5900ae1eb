import type { TopLevelSpec } from "vega-lite";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { linearRange, scaleAndTicks } from "./axis_range.ts";
import { chart } from "./chart_display.ts";
import { type ChartRows, chartRows, chartRowsKind } from "./chart_rows.ts";
import { seriesStyle } from "./palette.ts";
import { chartOptions, legendColumns, plotSize, themeConfig, titleLines } from "./theme.ts";

/** One system at one strength. */
export interface OptimumRow {
  system: string;
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

/** The options of {@linkcode optimumChart}. */
export const optimumChartOptions = {
  frontier: {
    type: "value",
    is: isFrontierRows,
    what: chartRowsKind.what,
    required: true,
    help: "the optimum, from `optimumFrontier`: drawn as a line that nothing can cross",
  },
  title: { type: "text", help: "the title", default: "Control against nats from the base" },
  ...chartOptions,
  rewardTitle: { type: "text", help: "what the reward is", default: "Mean reward" },
  width: { ...plotSize, help: "the width of the plot, in pixels", default: 460 },
  height: { ...plotSize, help: "the height of the plot, in pixels", default: 300 },
} as const satisfies OptionTable;

/** The options of {@linkcode optimumChart}. */
export type OptimumChartOptions = OptionsOf<typeof optimumChartOptions>;

function isFrontierRows(value: unknown): value is ChartRows<FrontierRow> {
  return chartRowsKind.is(value);
}

const WHAT = "Cannot draw the optimum";
const FRONTIER = "the optimum";
const TITLE = "Nats from the base, KL(q‖p) a text (square-root scale)";

const rowColumns = {
  system: "text",
  beta: "number?",
  reward: "number",
  divergence: "number",
  rewardLow: "number?",
  rewardHigh: "number?",
  divergenceLow: "number?",
  divergenceHigh: "number?",
  gap: "number?",
} as const;
const frontierColumns = { beta: "number", reward: "number", divergence: "number" } as const;

/**
 * Control against what it takes: the mean reward of every system at every strength against its distance from the base model's
 * sampler in nats, with the frontier that the optimum p* ∝ p exp(β r) draws. Above and left of it is nothing; how far right of it
 * a point lies is what its system takes too much.
 *
 * @param rows one object a point, or a frame with these columns; there may be none.
 * @returns a Vega-Lite 6 spec with its data in it; it needs no network and no other file.
 * @throws {RangeError} if there is no frontier, or a column or number is missing or out of range.
 * @throws {TypeError} if a column of a frame holds something else, or an option is unknown or of another type.
 */
export function optimumChart(
  rows: ChartRows<OptimumRow>,
  options: OptimumChartOptions,
): TopLevelSpec {
  checkArgument("optimumChart", "rows", chartRowsKind, rows);
  const { frontier, title, subtitle, theme, rewardTitle, width, height } = settle(
    "optimumChart",
    optimumChartOptions,
    options,
  );
  const points = chartRows(rows, WHAT, rowColumns);
  const line = chartRows(frontier, `${WHAT}'s frontier`, frontierColumns);
  if (line.length === 0) throw new RangeError(`${WHAT} as its frontier has no point: pass some`);
  for (const [what, some] of [["row", points], ["point of the frontier", line]] as const) {
    some.forEach(({ reward, divergence }, i) => {
      if (Number.isFinite(reward) && Number.isFinite(divergence)) return;
      throw new RangeError(
        `${WHAT} as ${what} ${
          i + 1
        } has the reward ${reward} and ${divergence} nats: drop it or give finite numbers`,
      );
    });
  }
  const rewards = linearRange([
    ...line.map(({ reward }) => reward),
    ...points.flatMap((p) => [p.reward, p.rewardLow ?? p.reward, p.rewardHigh ?? p.reward]),
  ], 0.05);
  const most = Math.max(
    ...line.map(({ divergence }) => divergence),
    ...points.map((p) => p.divergenceHigh ?? p.divergence),
  );
  const domainOfNats: number[] = [0, 1.05 * most || 1];
  const position = {
    x: {
      field: "divergence",
      type: "quantitative",
      title: TITLE,
      // small distances are what tells systems apart, and they begin at 0
      scale: { type: "sqrt", domain: domainOfNats, nice: false, clamp: true },
      axis: { tickCount: 8 },
    },
    y: { field: "reward", type: "quantitative", title: rewardTitle, ...scaleAndTicks(rewards) },
  } as const;
  const systems = [...new Set(points.map(({ system }) => system))];
  const domain = [FRONTIER, ...systems];
  return chart(theme, (palette) => {
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
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      description: `${title}: ${rewardTitle} against nats from the base model.`,
      title: titleLines(title, subtitle, width),
      width,
      height,
      data: { values: points.map((point) => ({ ...point })) },
      layer: [
        {
          data: { values: line.map((point) => ({ ...point, system: FRONTIER })) },
          mark: { type: "line", strokeWidth: 2.5 },
          encoding: { ...position, color, order },
        },
        rule("x", "divergence"),
        rule("y", "reward"),
        {
          mark: { type: "line", strokeWidth: 1.25, opacity: 0.6 },
          encoding: { ...position, color, order },
        },
        {
          transform: [
            { calculate: withInterval("reward", ".3~f"), as: "rewardShown" },
            { calculate: withInterval("divergence", ".2~f"), as: "divergenceShown" },
            { calculate: "isValid(datum.beta) ? datum.beta : '–'", as: "betaShown" },
            { calculate: "isValid(datum.gap) ? format(datum.gap, '.2~f') : '–'", as: "gapShown" },
          ],
          mark: { type: "point", filled: true, size: 45, opacity: 1 },
          encoding: {
            ...position,
            color,
            shape,
            tooltip: [
              { field: "system", type: "nominal", title: "System" },
              { field: "betaShown", type: "nominal", title: "β" },
              { field: "rewardShown", type: "nominal", title: rewardTitle },
              { field: "divergenceShown", type: "nominal", title: "Nats from the base" },
              { field: "gapShown", type: "nominal", title: "Nats from the optimum" },
            ],
          },
        },
      ],
      config: themeConfig(palette),
    };
  });
}

/** A value of a point with its interval, if it has one, as a tooltip shows it. */
function withInterval(field: "reward" | "divergence", format: string): string {
  const shown = (name: string) => `format(datum.${name}, '${format}')`;
  return `${shown(field)} + (isValid(datum.${field}Low) ? ' [' + ${shown(`${field}Low`)} + ', ' + ${
    shown(`${field}High`)
  } + ']' : '')`;
}
