import type { DescribedRow } from "./describe_texts.ts";
import { numberOf } from "./number_of.ts";
import { missingColumn } from "./missing_column.ts";
import type { RowStream } from "./row_stream.ts";
import { shown } from "./table.ts";

/** Which columns of a table hold text and labels. */
export interface TextColumns {
  text: string;
  labels: readonly string[];
}

/** Names that columns of texts have in published data sets, in the order in which they are tried. */
const textNames = ["text", "sentence", "content", "comment_text", "prompt.text", "prompt"];

/**
 * The columns of a table that hold text and labels.
 *
 * @param given what the user says. Default: a column with a usual name; the column `label`, if there is one.
 * @throws Error if a column is not there, or none has a usual name.
 */
export function textColumns(
  { path, columns }: RowStream,
  given: Partial<TextColumns>,
): TextColumns {
  const text = given.text ?? textNames.find((name) => columns.includes(name));
  if (text === undefined) {
    throw new Error(
      `Cannot read '${path}': none of its columns has a usual name for a text, so name one of those it has: ${
        columns.map((name) => `'${name}'`).join(", ")
      }`,
    );
  }
  const labels = given.labels ?? ["label"].filter((name) => columns.includes(name));
  const missing = [text, ...labels].find((name) => !columns.includes(name));
  if (missing !== undefined) throw missingColumn(path, [missing], columns);
  return { text, labels };
}

/**
 * The texts and labels of any table.
 *
 * @throws TypeError or RangeError, naming the row, if a text is not a text or a label not a number from 0 to 1.
 */
export async function* tableRows(
  stream: RowStream,
  { text, labels }: TextColumns,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<DescribedRow> {
  for await (const { place, values } of stream.rows([text, ...labels], onBytes)) {
    const value = values[0] ?? "";
    const wrong = (value: unknown, name: string, wanted: string) =>
      `Cannot read '${stream.path}': ${place} has ${
        shown(value)
      } in column '${name}', which must be ${wanted}, so ` +
      "correct that row or name other columns";
    if (typeof value !== "string") throw new TypeError(wrong(value, text, "a text"));
    yield {
      text: value === "" ? undefined : value,
      labels: labels.map((name, i) => {
        const label = numberOf(values[i + 1]);
        const wanted = "a number from 0 to 1";
        if (label === undefined) throw new TypeError(wrong(values[i + 1], name, wanted));
        if (label < 0 || label > 1) throw new RangeError(wrong(label, name, wanted));
        return label;
      }),
    };
  }
}
