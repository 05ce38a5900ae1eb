import type { DataFrame } from "nodejs-polars";
import { isFrame } from "../notebook/frame_look.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { shownLabelledTexts } from "./labelled_texts_look.ts";
import { numberOf } from "./number_of.ts";
import {
  frameTable,
  pathsKind,
  readTable,
  shown,
  type Table,
  textAt,
  textColumn,
} from "./table.ts";
import { textOptions } from "./text_options.ts";

/** Texts and their labels. */
export interface LabelledTexts {
  /** The texts, one a row. */
  texts: string[];
  /** The labels, in [0, 1], row-major [rows, labels]. */
  labels: Float32Array;
  /** The names of the labels, in the order of the columns of `labels`. */
  labelNames: string[];
  /** How many rows were left out because a text or label was missing. */
  skipped: number;
}

/** What `readLabelledTexts` takes. */
export const labelledTextsOptions = {
  ...textOptions,
  labels: {
    type: "list",
    of: { type: "text" },
    empty: false,
    default: ["label"],
    flag: "label",
    placeholder: "name",
    help: "columns of the labels, in [0, 1]",
  },
  missing: {
    type: "choice",
    of: ["error", "skip"],
    default: "error",
    placeholder: "what",
    help: "what to do with a row whose text or label is missing (null, NaN, empty)",
  },
} as const satisfies OptionTable;
export type LabelledTextsOptions = OptionsOf<typeof labelledTextsOptions>;

/**
 * Reads labelled texts from tables, one after the other.
 *
 * @param source paths of files (`.tsv`, `.csv`, `.jsonl`, `.parquet`), or a Polars frame.
 * @throws Error if a file, a column, a text or a label is missing; SyntaxError if a file or a label
 *   cannot be parsed; TypeError if a text or label is of another kind, or an option is unknown; RangeError if a label
 *   is outside [0, 1]. The message names file and line.
 */
export async function readLabelledTexts(
  source: string | readonly string[] | DataFrame,
  options: LabelledTextsOptions = {},
): Promise<LabelledTexts> {
  const { textColumn: given, labels: labelNames, records, missing } = settle(
    "readLabelledTexts",
    labelledTextsOptions,
    options,
  );
  const textNames = given === undefined ? ["text", "sentence"] : [given];
  const columns = [...textNames, ...labelNames];
  const sources = isFrame(source) ? [source] : pathsOf(source);
  if (records !== undefined && isFrame(source)) {
    throw new TypeError(
      "readLabelledTexts: 'records' are those of .jsonl files, and a frame has none: leave them out.",
    );
  }
  const texts: string[] = [];
  const labels: number[] = [];
  let skipped = 0;
  for (const each of sources) {
    const table = typeof each === "string"
      ? await readTable(each, { records, columns })
      : await frameTable(each);
    const textName = textColumn(table, given, textNames);
    const textValues = table.column(textName);
    const labelValues = labelNames.map((name) => table.column(name));
    for (let row = 0; row < table.length; row++) {
      const text = textAt(table, textName, textValues, row);
      const rowLabels = labelValues.map((values, i) => labelAt(table, labelNames[i], values, row));
      if (text !== undefined && rowLabels.every((label) => label !== undefined)) {
        texts.push(text);
        labels.push(...rowLabels);
      } else if (missing === "skip") {
        skipped++;
      } else {
        const absent = text === undefined
          ? `text in column '${textName}'`
          : `label in column '${labelNames[rowLabels.indexOf(undefined)]}'`;
        throw new Error(
          `Cannot read '${table.path}': ${
            table.place(row)
          } has no ${absent}, so fill it in or choose to ` +
            "skip rows with missing values",
        );
      }
    }
  }
  if (texts.length === 0) {
    const named = sources.map((each) => typeof each === "string" ? `'${each}'` : "the frame");
    throw new Error(
      `Cannot read ${
        named.join(", ")
      }: a text or label is missing in every row, so check the names of the columns`,
    );
  }
  return shownLabelledTexts({
    texts,
    labels: Float32Array.from(labels),
    labelNames: [...labelNames],
    skipped,
  });
}

function pathsOf(source: unknown): readonly string[] {
  const paths = typeof source === "string" ? [source] : source;
  checkArgument("readLabelledTexts", "source", pathsKind, paths);
  return paths;
}

/** A label, or undefined where it is missing: null, NaN or empty. */
function labelAt(
  table: Table,
  name: string,
  values: ArrayLike<unknown>,
  row: number,
): number | undefined {
  const value = values[row];
  const where = `Cannot read '${table.path}': ${table.place(row)} has the label`;
  const wanted = `in column '${name}', so make it a number from 0 to 1`;
  const label = numberOf(value);
  if (label === undefined) throw new TypeError(`${where} ${shown(value)} ${wanted}`);
  if (Number.isNaN(label)) return undefined;
  if (label < 0 || label > 1) throw new RangeError(`${where} ${label} ${wanted}`);
  return label;
}
