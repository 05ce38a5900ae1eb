import { displayedAs, type MediaBundle } from "./display.ts";
import { html } from "./html.ts";

/** The part of a Polars frame that is used here. */
export interface Frame {
  readonly columns: string[];
  readonly height: number;
  limit(rows: number): Frame;
  toRecords(): Record<string, unknown>[];
  getColumn(name: string): { isNumeric(): boolean };
}

/** So many rows are shown. */
const SHOWN = 50;

/** Whether a value is a frame of Polars, which answers to every property that is asked of it. */
export function isFrame(value: unknown): value is Frame {
  if (typeof value !== "object" || value === null) return false;
  const { getColumn, limit, toRecords } = value as Partial<Frame>;
  return [getColumn, limit, toRecords].every((method) => typeof method === "function");
}

/** A stand-in for a frame that shows it with text aligned to the left, and says how many rows it has left out. */
export function shownFrame(frame: Frame): object {
  return displayedAs({}, () => frameLook(frame));
}

function frameLook(frame: Frame): MediaBundle {
  const { columns, height } = frame;
  const alignments = columns.map((name) => frame.getColumn(name).isNumeric() ? "right" : "left");
  const aligned = (i: number) => `text-align:${alignments[i]}`;
  const records = frame.limit(SHOWN).toRecords();
  const rest = height - records.length;
  const table = html`
    <table>
      <thead>
        <tr>${columns.map((name, i) => html`<th style="${aligned(i)}">${name}</th>`)}</tr>
      </thead>
      <tbody>${records.map((row) =>
        html`<tr>${
          columns.map((name, i) => html`<td style="${aligned(i)}">${textOf(row[name])}</td>`)
        }</tr>`
      )}</tbody>
    </table>${rest > 0 ? html`<p>… ${rest.toLocaleString("en-US")} more rows</p>` : []}
  `;
  return { "text/html": table.markup, "text/plain": String(frame) };
}

function textOf(value: unknown): string {
  return String(value);
}
