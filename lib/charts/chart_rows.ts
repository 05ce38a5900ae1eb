import type { DataFrame } from "nodejs-polars";
import type { ValueKind } from "../options/option.ts";

/** What a chart draws: objects, or a Polars frame with a column for each of their properties. */
export type ChartRows<Row> = readonly Row[] | DataFrame;

/** The kind of an argument that is drawn. */
export const chartRowsKind = {
  type: "value",
  is: isChartRows,
  what: "a list of rows, or a Polars frame",
} as const satisfies ValueKind;

function isChartRows(value: unknown): value is ChartRows<object> {
  return Array.isArray(value) ||
    typeof (value as { getColumn?: unknown } | null)?.getColumn === "function";
}

/** What a column holds; `?` marks one that a frame may lack. */
type ColumnKind = "text" | "number" | "text?" | "number?";

/** The columns of a frame, which are the properties of a row. */
export type Columns<Row> = { readonly [Name in keyof Row]-?: ColumnKind };

/** The types of columns that hold text. */
const TEXTS: ReadonlySet<string> = new Set(["String", "Utf8", "Categorical"]);

/**
 * The rows of a frame, or of objects, which are given back as they are. A value that is missing in a frame is `null`, and
 * other columns of a frame are left out.
 *
 * @param what the beginning of errors, such as "Cannot draw the learning curve".
 * @throws {RangeError} if a frame lacks a column.
 * @throws {TypeError} if a column holds something else.
 */
export function chartRows<Row extends object>(
  rows: ChartRows<Row>,
  what: string,
  columns: Columns<Row>,
): readonly Row[] {
  if (isRows(rows)) return rows;
  const names = Object.keys(columns) as (keyof Row & string)[];
  const present = names.filter((name) => isPresent(rows, what, name, columns[name]));
  const values = present.map((name) => {
    const isNumber = columns[name].startsWith("number");
    const column: unknown[] = rows.getColumn(name).toArray();
    // Polars gives 64-bit integers as bigint.
    return isNumber
      ? column.map((value) => typeof value === "bigint" ? Number(value) : value)
      : column;
  });
  return Array.from(
    { length: rows.height },
    (_, i) => Object.fromEntries(present.map((name, j) => [name, values[j][i]])) as Row,
  );
}

function isRows<Row>(rows: ChartRows<Row>): rows is readonly Row[] {
  return Array.isArray(rows);
}

/** Whether a frame has a column. @throws if it must have it, or it holds something else. */
function isPresent(frame: DataFrame, what: string, name: string, kind: ColumnKind): boolean {
  if (!frame.columns.includes(name)) {
    if (kind.endsWith("?")) return false;
    const has = frame.columns.map((column) => `'${column}'`).join(", ") || "none";
    throw new RangeError(
      `${what} as the frame has no column '${name}': it has ${has}, so rename one`,
    );
  }
  const column = frame.getColumn(name);
  const { variant } = column.dtype;
  // A column of nothing but missing values has no type.
  if (kind.endsWith("?") && variant === "Null") return false;
  if (kind.startsWith("number") ? column.isNumeric() : TEXTS.has(variant)) return true;
  const wanted = kind.startsWith("number") ? "numbers" : "text";
  throw new TypeError(
    `${what} as the column '${name}' of the frame holds ${variant}, not ${wanted}: cast it`,
  );
}
