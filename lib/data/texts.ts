import { extname } from "node:path";
import { readLines } from "../files/lines.ts";
import { readTable, textAt, textColumn } from "./table.ts";

/** Options of `readTexts`. */
export interface TextsOptions {
  /** The column of a table that holds the text. Default: "text", or else "sentence". */
  text?: string;
  /** Names of nested records of a JSON Lines file, each of which is a text. Default: none. */
  records?: readonly string[];
}

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
  const { text, records } = options;
  if (paths.length === 0) throw new RangeError("Cannot read texts: name at least one file");
  const texts: string[] = [];
  for (const path of paths) {
    const before = texts.length;
    if (extname(path).toLowerCase() === ".txt") {
      for (const line of await readLines(path)) if (line.trim() !== "") texts.push(line);
    } else {
      const table = await readTable(path, { records });
      const name = textColumn(table, text, ["text", "sentence"]);
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
