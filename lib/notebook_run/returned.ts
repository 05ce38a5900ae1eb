import type { Cell } from "../experiments/write_tables.ts";
import { isObject } from "../data/value_at.ts";
import { displayedAs } from "../notebook/display.ts";
import { changeShownValues } from "../notebook/shown_values.ts";

let last: unknown;

/** Keeps the value of each cell that shows one until the next does. To be called in the kernel, before the cells. */
export function keepShownValues(): void {
  changeShownValues("armature.returned", (show) => async (count, value) => {
    last = value;
    await show(count, value);
  });
}

/** The value that the last cell showed, as rows of a table for the program that runs the notebook. */
export function returned(): object {
  const rows = rowsOf(last);
  return displayedAs({}, () => ({ "application/json": rows }));
}

/** A row of what a notebook returned. */
export type ReturnedRow = Readonly<Record<string, Cell>>;

/**
 * A value as rows: a list of objects, and a Polars frame, has one each. What has no columns of its own is in a column `value`, an
 * interval and the like in `name.estimate` and so on, and a list, as of a prompt's continuations, is written as JSON; what is
 * neither number nor text is left out.
 */
export function rowsOf(value: unknown): ReturnedRow[] {
  if (value === undefined) return [];
  const records = (value as { toRecords?: () => unknown } | null)?.toRecords?.() ?? value;
  return (Array.isArray(records) ? records : [records]).map((record) =>
    Object.fromEntries(
      cellsOf(isObject(record) ? record : { value: record })
        .flatMap(([name, cell]): [string, unknown][] =>
          isObject(cell) ? cellsOf(cell).map(([part, each]) => [`${name}.${part}`, each]) : [
            [name, cell],
          ]
        )
        .map(([name, cell]) => [name, isListOfCells(cell) ? JSON.stringify(cell) : cell])
        .filter(([, cell]) => isCell(cell)),
    )
  );
}

function cellsOf(record: object): [string, unknown][] {
  return Object.entries(record);
}

function isCell(value: unknown): value is Cell {
  return value === null || typeof value === "string" || typeof value === "number";
}

function isListOfCells(value: unknown): boolean {
  return Array.isArray(value) && value.every(isCell);
}
