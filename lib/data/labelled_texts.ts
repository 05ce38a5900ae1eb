import { shownLabelledTexts } from "./labelled_texts_look.ts";
import { numberOf } from "./number_of.ts";
import { readTable, shown, type Table, textAt, textColumn } from "./table.ts";

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

/** Options of `readLabelledTexts`. */
export interface LabelledTextsOptions {
  /** The column that holds the text. Default: "text", or else "sentence". */
  text?: string;
  /** The columns that hold the labels. Default: `["label"]`. */
  labels?: readonly string[];
  /**
   * Names of nested records of a JSON Lines file, each of which is a text with labels, such as
   * `["prompt", "continuation"]`. Default: none, each line is one.
   */
  records?: readonly string[];
  /** What to do with a row whose text or label is missing (null, NaN, empty). Default: "error". */
  missing?: "error" | "skip";
}

/**
 * Reads labelled texts from tables (`.tsv`, `.csv`, `.jsonl`, `.parquet`), one after the other.
 *
 * @throws Error if a file, a column, a text or a label is missing; SyntaxError if a file or a label
 *   cannot be parsed; TypeError if a text or label is of another kind; RangeError if a label is
 *   outside [0, 1]. The message names file and line.
 */
export async function readLabelledTexts(
  paths: readonly string[],
  options: LabelledTextsOptions = {},
): Promise<LabelledTexts> {
  const { text, labels: labelNames = ["label"], records, missing = "error" } = options;
  if (paths.length === 0) {
    throw new RangeError("Cannot read labelled texts: name at least one file");
  }
  if (labelNames.length === 0) {
    throw new RangeError("Cannot read labelled texts: name at least one label column");
  }
  if (missing !== "error" && missing !== "skip") {
    throw new RangeError(
      `Cannot read labelled texts: 'missing' must be "error" or "skip", not ${shown(missing)}`,
    );
  }
  const texts: string[] = [];
  const labels: number[] = [];
  let skipped = 0;
  for (const path of paths) {
    const table = await readTable(path, { records });
    const textName = textColumn(table, text, ["text", "sentence"]);
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
          `Cannot read '${path}': ${
            table.place(row)
          } has no ${absent}, so fill it in or choose to ` +
            "skip rows with missing values",
        );
      }
    }
  }
  if (texts.length === 0) {
    throw new Error(
      `Cannot read ${paths.map((path) => `'${path}'`).join(", ")}: a text or label is missing in ` +
        "every row, so check the names of the columns",
    );
  }
  return shownLabelledTexts({
    texts,
    labels: Float32Array.from(labels),
    labelNames: [...labelNames],
    skipped,
  });
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
