import { type ChartRows, chartRows, type Columns } from "./chart_rows.ts";

/** One system at one guidance strength. */
export interface TradeOffRow {
  system: string;
  /** The guidance strength β; none where a system has no such setting, or its source does not tell. */
  beta?: number | null;
  /** How much of the attribute the text has, such as the positive rate. */
  score: number;
  /** The perplexity of the text under a judging model. */
  perplexity: number;
  /** The confidence interval of the score; drawn if both ends are numbers. */
  scoreLow?: number | null;
  scoreHigh?: number | null;
  /** The confidence interval of the perplexity; drawn if both ends are numbers. */
  perplexityLow?: number | null;
  perplexityHigh?: number | null;
}

/** A row as it is drawn; interval ends are there in pairs or not at all. */
export interface Point {
  /** The name of its series: that of the system, with a note on published ones. */
  system: string;
  beta?: number;
  score: number;
  perplexity: number;
  scoreLow?: number;
  scoreHigh?: number;
  perplexityLow?: number;
  perplexityHigh?: number;
  published?: true;
}

/** The points of one system, measured or published. */
export interface Series {
  readonly name: string;
  readonly isPublished: boolean;
  /** The place of its system in the list of systems, which its colour and shape come from. */
  readonly position: number;
}

/** Measured and published rows of one plot. */
export interface TradeOffRows {
  readonly rows: ChartRows<TradeOffRow>;
  readonly published?: ChartRows<TradeOffRow>;
}

const WHAT = "Cannot draw the trade-off";
const COLUMNS: Columns<TradeOffRow> = {
  system: "text",
  beta: "number",
  score: "number",
  perplexity: "number",
  scoreLow: "number?",
  scoreHigh: "number?",
  perplexityLow: "number?",
  perplexityHigh: "number?",
};
const PUBLISHED_COLUMNS: Columns<TradeOffRow> = { ...COLUMNS, beta: "number?" };

/**
 * Checks the rows of plots and names their series.
 *
 * @returns the points of each plot, and the series of all: systems that are measured and published first, in one
 *   colour each.
 * @throws RangeError if a plot has no row, a column or number is missing or out of range, a system has two rows of the same β, or
 *   a measured system is called as a published one is.
 * @throws TypeError if a system is not a string, or a column of a frame holds something else.
 */
export function pointsAndSeries(
  given: readonly TradeOffRows[],
): { points: Point[][]; series: Series[] } {
  const plots = given.map(({ rows, published = [] }) => ({
    rows: chartRows(rows, WHAT, COLUMNS),
    published: chartRows(published, WHAT, PUBLISHED_COLUMNS),
  }));
  for (const [i, { rows, published }] of plots.entries()) {
    const panel = plots.length > 1 ? `panel ${i + 1}` : "";
    if (rows.length + published.length === 0) {
      throw new RangeError(
        `${WHAT} as ${panel && `in ${panel} `}there is no row: ` +
          "pass at least one point",
      );
    }
    validate(rows, panel && `${panel}, `);
    validate(published, `${panel && `${panel}, `}published `);
  }
  const measuredSystems = systemsOf(plots.flatMap(({ rows }) => rows));
  const publishedSystems = systemsOf(plots.flatMap(({ published }) => published));
  const systems = [...new Set([...measuredSystems, ...publishedSystems])];
  const isTwin = (system: string) =>
    measuredSystems.includes(system) && publishedSystems.includes(system);
  // Pairs come first, so that they fill the rows of a legend.
  const inOrder = systems.toSorted((a, b) => Number(isTwin(b)) - Number(isTwin(a)));
  const series = inOrder.flatMap((system): Series[] => {
    const [isMeasured, isPublished] = [measuredSystems, publishedSystems].map((some) =>
      some.includes(system)
    );
    const position = systems.indexOf(system);
    return [
      ...(isMeasured ? [{ name: system, isPublished: false, position }] : []),
      ...(isPublished ? [{ name: publishedName(system), isPublished, position }] : []),
    ];
  });
  for (const system of publishedSystems) {
    if (measuredSystems.includes(publishedName(system))) {
      throw new RangeError(
        `${WHAT} as a measured system is called '${publishedName(system)}', ` +
          `as the published points of '${system}' are: rename it`,
      );
    }
  }
  const points = plots.map(({ rows, published }) => [
    ...published.map((row) => ({
      ...pointOf(row),
      system: publishedName(row.system),
      published: true as const,
    })),
    // Drawn later, so that no published point hides a measured one.
    ...rows.map(pointOf),
  ]);
  return { points, series };
}

function systemsOf(rows: readonly TradeOffRow[]): string[] {
  return [...new Set(rows.map(({ system }) => system))];
}

function publishedName(system: string): string {
  return `${system}, published`;
}

function pointOf(row: TradeOffRow): Point {
  const { system, beta, score, perplexity } = row;
  return {
    ...{ system, score, perplexity },
    ...(isNumber(beta) && { beta }),
    ...interval("score", row.scoreLow, row.scoreHigh),
    ...interval("perplexity", row.perplexityLow, row.perplexityHigh),
  };
}

function interval(
  name: "score" | "perplexity",
  low: number | null | undefined,
  high: number | null | undefined,
): Partial<Point> {
  return isNumber(low) && isNumber(high) ? { [`${name}Low`]: low, [`${name}High`]: high } : {};
}

function validate(rows: readonly TradeOffRow[], kind: string): void {
  const seen = new Set<string>();
  for (const [i, row] of rows.entries()) {
    const refuse = (reason: string) => `${WHAT} as in ${kind}row ${i + 1} ${reason}`;
    if (typeof row.system !== "string") {
      throw new TypeError(refuse(`'system' is not a string: it is ${row.system}`));
    }
    for (const column of ["beta", "score", "perplexity"] as const) {
      const isAbsent = column === "beta" && (row.beta === undefined || row.beta === null);
      if (!isAbsent && !Number.isFinite(row[column])) {
        throw new RangeError(
          refuse(`'${column}' is ${row[column]}: drop the row or give a finite number`),
        );
      }
    }
    if (!(row.perplexity > 0) || isNumber(row.perplexityLow) && !(row.perplexityLow > 0)) {
      throw new RangeError(refuse("a perplexity is not positive: check how it was computed"));
    }
    for (const name of ["score", "perplexity"] as const) {
      const [low, high] = [row[`${name}Low`], row[`${name}High`]];
      if (isNumber(low) && isNumber(high) && low > high) {
        throw new RangeError(refuse(`'${name}Low' is above '${name}High': ${low} > ${high}`));
      }
    }
    const key = JSON.stringify([row.system, row.beta ?? null]);
    if (seen.has(key)) {
      const what = row.beta === undefined || row.beta === null
        ? "a row without β"
        : `β = ${row.beta}`;
      throw new RangeError(
        refuse(`'${row.system}' has ${what} a second time: average such rows first`),
      );
    }
    seen.add(key);
  }
}

function isNumber(value: number | null | undefined): value is number {
  return Number.isFinite(value);
}
