import type { TopLevelSpec } from "vega-lite";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { linearRange, scaleAndTicks } from "./axis_range.ts";
import { chart } from "./chart_display.ts";
import { type ChartRows, chartRows, chartRowsKind } from "./chart_rows.ts";
import { placeLineNames } from "./line_names.ts";
import { lineNameLayers } from "./line_name_layers.ts";
import { seriesStyle } from "./palette.ts";
import { chartOptions, legendColumns, plotSize, themeConfig, titleLines } from "./theme.ts";
import { thinLine } from "./thin_line.ts";

/** The reward that one model predicts for the next token at one place of its order. */
export interface RewardDistributionRow {
  /** The model. */
  system: string;
  /** The place of the token where this model's tokens are sorted by reward. */
  rank: number;
  /** The reward predicted for it, averaged over prompts. */
  reward: number;
  /** The confidence interval over prompts; drawn if both ends are numbers. */
  low?: number | null;
  high?: number | null;
}

/** The options of {@linkcode rewardDistributionChart}. */
export const rewardDistributionChartOptions = {
  title: { type: "text", help: "the title", default: "Reward predicted for all next tokens" },
  ...chartOptions,
  subtitle: {
    ...chartOptions.subtitle,
    defaultHelp: '"Tokens are sorted for each model independently.", to which bands are explained',
  },
  rewardTitle: { type: "text", help: "what the reward is", default: "Predicted reward" },
  ranks: {
    type: "choice",
    of: ["percent", "tokens"],
    help:
      "what the horizontal axis counts: tokens, or the share of a model's tokens in percent, which compares models " +
      "with vocabularies of different sizes",
    default: "percent",
  },
  points: {
    type: "integer",
    min: 2,
    help: "how many points are kept of each line at most; the first and the last are",
    default: 300,
  },
  width: { ...plotSize, help: "the width of the plot, in pixels", default: 360 },
  height: { ...plotSize, help: "the height of the plot, in pixels", default: 225 },
} as const satisfies OptionTable;

/** The options of {@linkcode rewardDistributionChart}. */
export type RewardDistributionChartOptions = OptionsOf<typeof rewardDistributionChartOptions>;

/** A row as it is drawn. */
interface Point {
  system: string;
  place: number;
  reward: number;
  low?: number;
  high?: number;
}

/** The share of the horizontal axis left free at either end: lines without points need little. */
const RANK_MARGIN = 0.02;
const WHAT = "Cannot draw the distribution of rewards";
const BAND_NOTE = "Bands are 95 % intervals over prompts.";

/**
 * The paper's figure 5: the reward that each model predicts for all next tokens, averaged over prompts and sorted for
 * each model independently, one line a model. Lines are thinned so that the spec stays small.
 *
 * Models are named at their lines where all names fit, otherwise in a legend. Names are placed for the given width and
 * height: a spec of another size needs a new call.
 *
 * @param rewards one object a token of a model, or a frame with these columns, in any order.
 * @returns a Vega-Lite 6 spec with its data in it; it needs no network and no other file.
 * @throws {RangeError} if there is no row, a column or number is missing, an interval has its ends the wrong way, a model has two
 *   rows of the same rank, or an option is out of range.
 * @throws {TypeError} if a system is not a string, a column of a frame holds something else, or an option is unknown or
 *   of another type.
 */
export function rewardDistributionChart(
  rewards: ChartRows<RewardDistributionRow>,
  options: RewardDistributionChartOptions = {},
): TopLevelSpec {
  checkArgument("rewardDistributionChart", "rewards", chartRowsKind, rewards);
  const { title, theme, rewardTitle, ranks, points, width, height, ...settled } = settle(
    "rewardDistributionChart",
    rewardDistributionChartOptions,
    options,
  );
  const rows = chartRows(rewards, WHAT, {
    system: "text",
    rank: "number",
    reward: "number",
    low: "number?",
    high: "number?",
  });
  validate(rows);

  const lines = [...Map.groupBy(rows, ({ system }) => system)].map(([system, own]) => ({
    system,
    points: drawn(system, own, ranks, points),
  }));
  const values = lines.flatMap((line) => line.points);
  const hasBand = values.some(({ low }) => low !== undefined);
  const {
    subtitle = "Tokens are sorted for each model independently." + (hasBand ? ` ${BAND_NOTE}` : ""),
  } = settled;
  const [x, y] = [
    linearRange(values.map(({ place }) => place), RANK_MARGIN),
    linearRange(values.flatMap((p) => [p.reward, p.low ?? p.reward, p.high ?? p.reward])),
  ];
  const centres = placeLineNames(
    lines.map((line) => ({
      name: line.system,
      points: line.points.map(({ place, reward }) => ({
        x: width * x.share(place),
        y: height * (1 - y.share(reward)),
      })),
    })),
    { width, height },
  );
  const names = centres.flatMap((centre, i) =>
    centre
      ? [{
        text: lines[i].system,
        series: i,
        x: x.value(centre.x / width),
        y: y.value(1 - centre.y / height),
      }]
      : []
  );
  const allNamed = names.length === lines.length;

  const placeTitle = ranks === "percent"
    ? "Tokens, sorted by their reward (% of the vocabulary)"
    : "Tokens, sorted by their reward (rank)";
  const position = {
    x: { field: "place", type: "quantitative", title: placeTitle, ...scaleAndTicks(x) },
    y: { field: "reward", type: "quantitative", title: rewardTitle, ...scaleAndTicks(y) },
  } as const;
  const systems = lines.map(({ system }) => system);
  return chart(theme, (palette) => {
    const color = {
      field: "system",
      type: "nominal",
      scale: { domain: systems, range: systems.map((_, i) => seriesStyle(palette, i).mark) },
      legend: allNamed ? null : {
        title: null,
        orient: "top",
        columns: legendColumns(systems, width),
        symbolType: "stroke",
        symbolOpacity: 1,
      },
    } as const;
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      description: `${title}: ${rewardTitle} against the rank of the token.`,
      title: titleLines(title, subtitle, width),
      width,
      height,
      data: { values },
      layer: [
        {
          transform: [{ filter: "isValid(datum.low)" }],
          mark: { type: "area", opacity: 0.18 },
          encoding: {
            ...position,
            y: { ...position.y, field: "low" },
            y2: { field: "high" },
            color,
          },
        },
        {
          mark: { type: "line", strokeWidth: 2 },
          encoding: { ...position, color, order: { field: "place", type: "quantitative" } },
        },
        ...lineNameLayers(allNamed ? names : [], "place", "reward", palette),
      ],
      config: themeConfig(palette),
    };
  });
}

/** The rows of one model as they are drawn, few enough. */
function drawn(
  system: string,
  rows: readonly RewardDistributionRow[],
  ranks: "percent" | "tokens",
  most: number,
): Point[] {
  const sorted = rows.toSorted((a, b) => a.rank - b.rank);
  const [first, last] = [sorted[0].rank, sorted.at(-1)!.rank];
  const placeOf = (rank: number) =>
    ranks === "tokens" ? rank : last > first ? 100 * (rank - first) / (last - first) : 0;
  const kept = thinLine(sorted.map(({ rank, reward }) => ({ x: rank, y: reward })), most);
  return kept.map((i) => {
    const { rank, reward, low, high } = sorted[i];
    return {
      system,
      place: placeOf(rank),
      reward,
      ...(isNumber(low) && isNumber(high) && { low, high }),
    };
  });
}

function validate(rows: readonly RewardDistributionRow[]): void {
  if (rows.length === 0) throw new RangeError(`${WHAT} as there is no row: pass at least one`);
  const seen = new Map<string, Set<number>>();
  for (const [i, row] of rows.entries()) {
    const refuse = (reason: string) => `${WHAT} as in row ${i + 1} ${reason}`;
    const { system, rank, low, high } = row;
    if (typeof system !== "string") {
      throw new TypeError(refuse(`'system' is not a string: it is ${system}`));
    }
    for (const column of ["rank", "reward"] as const) {
      if (!Number.isFinite(row[column])) {
        throw new RangeError(
          refuse(`'${column}' is ${row[column]}: drop the row or give a finite number`),
        );
      }
    }
    if (isNumber(low) && isNumber(high) && !(low <= high)) {
      throw new RangeError(refuse(`'low' is above 'high': ${low} > ${high}`));
    }
    const own = seen.get(system) ?? new Set();
    if (own.has(rank)) {
      throw new RangeError(
        refuse(`'${system}' has the rank ${rank} a second time: average over prompts first`),
      );
    }
    seen.set(system, own.add(rank));
  }
}

function isNumber(value: number | null | undefined): value is number {
  return Number.isFinite(value);
}
