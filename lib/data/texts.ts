import { extname } from "node:path";
import { readLines } from "../files/lines.ts";
import type { OptionsOf } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { pathsKind, readTable, textAt, textColumn } from "./table.ts";
import { textOptions } from "./text_options.ts";

/** What `readTexts` takes. */
export const textsOptions = textOptions;
export type TextsOptions = OptionsOf<typeof textsOptions>;

/**
 * Reads texts without labels: every line of a `.txt` file, or the text column of a table (`.tsv`,
 * `.csv`, `.jsonl`, `.parquet`); blank lines and missing texts are left out.
 *
 * @throws Error if a file or its text column is missing or no text is left; SyntaxError if a file
 *   cannot be parsed; TypeError if the column holds something else. The message names file and line.
 */
export async function readTexts(
  paths: readonly string[],
  options: TextsOptions = {},
): Promise<string[]> {
  const { textColumn: given, records } = settle("readTexts", textsOptions, options);
  checkArgument("readTexts", "paths", pathsKind, paths);
  const texts: string[] = [];
  for (const path of paths) {
    const before = texts.length;
    if (extname(path).toLowerCase() === ".txt") {
      for (const line of await readLines(path)) if (line.trim() !== "") texts.push(line);
    } else {
      const columns = given === undefined ? ["text", "sentence"] : [given];
      const table = await readTable(path, { records, columns });
      const name = textColumn(table, given, columns);
      const column = table.column(name);
      for (let row = 0; row < table.length; row++) {
        const text = textAt(table, name, column, row);
        if (text !== undefined && text.trim() !== "") texts.push(text);
      }
    }
    if (texts.length === before) {
      throw new Error(`Cannot read '${path}': it has no text, so check that it is the right file`);
    }
  }
  return texts;
}
