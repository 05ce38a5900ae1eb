import { alignedColumns } from "./aligned_columns.ts";
import type { MediaBundle } from "./display.ts";
import { type Html, html } from "./html.ts";
import { visibleLine } from "./visible_line.ts";

/** A thing described by facts and a table. */
export interface TableContent {
  readonly title: string;
  /** What is known beside the table: name and value. Default: nothing. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  /** Names of the columns; those of numbers are aligned to the right. Absent: there is no table. */
  readonly columns?: readonly { readonly name: string; readonly isNumber?: boolean }[];
  /** Cells by row. Default: none. */
  readonly rows?: readonly (readonly string[])[];
  /** A last row that sums up the others. Default: none. */
  readonly total?: readonly string[];
}

/** What a notebook shows of it: HTML in the colours of the reader's theme, and the same as text. */
export function tableLook(content: TableContent): MediaBundle {
  return { "text/html": htmlOf(content).markup, "text/plain": textOf(content) };
}

function htmlOf({ title, facts = [], columns, rows = [], total }: TableContent): Html {
  const cell = (text: string, column: number) =>
    html`<td style="text-align:${alignment(columns?.[column].isNumber)}">${text}</td>`;
  const row = (cells: readonly string[]) => html`<tr>${cells.map(cell)}</tr>`;
  const factRow = ([name, value]: readonly [string, string]) =>
    html`
      <tr>
        <td style="text-align:left;opacity:.75">${name}</td>
        <td style="text-align:left">${value}</td>
      </tr>
    `;
  return html`<div><p><strong>${title}</strong></p>${
    facts.length > 0
      ? html`
        <table>
          <tbody>${facts.map(factRow)}</tbody>
        </table>
      `
      : []
  }${
    columns
      ? html`<table><thead><tr>${
        columns.map(({ name, isNumber }) =>
          html`<th style="text-align:${alignment(isNumber)}">${name}</th>`
        )
      }</tr></thead><tbody>${rows.map(row)}</tbody>${
        total ? html`<tfoot style="font-weight:bold">${row(total)}</tfoot>` : []
      }</table>`
      : []
  }</div>`;
}

function alignment(isNumber = false): string {
  return isNumber ? "right" : "left";
}

function textOf({ title, facts = [], columns = [], rows = [], total }: TableContent): string {
  const table = [columns.map(({ name }) => name), ...rows, ...(total ? [total] : [])];
  const numbers = columns.map(({ isNumber = false }) => isNumber);
  const parts = [
    [visibleLine(title)],
    alignedColumns(facts, [false, false]),
    alignedColumns(table, numbers),
  ];
  return parts.filter((lines) => lines.some((line) => line !== ""))
    .map((lines) => lines.join("\n")).join("\n\n");
}
