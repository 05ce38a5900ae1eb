import { extname } from "node:path";
import { readTable, textAt, textColumn } from "./table.ts";
import { readTexts } from "./texts.ts";

/** Options of `readPrompts`. */
export interface PromptsOptions {
  /**
   * The column that holds the prompt; in JSON Lines it may be a path such as "prompt.text". Default:
   * the first there is of "prompt.text", "prompt" and "text".
   */
  text?: string;
}

/**
 * Reads prompts: every line of a `.txt` file that is not blank, or a column of a table (`.jsonl`,
 * `.tsv`, `.csv`, `.parquet`), where every row must have one.
 *
 * @throws Error if the file, the column or a prompt is missing; SyntaxError if the file cannot be
 *   parsed; TypeError if a prompt is not a text. The message names file and line.
 */
export async function readPrompts(path: string, options: PromptsOptions = {}): Promise<string[]> {
  if (extname(path).toLowerCase() === ".txt") return await readTexts([path]);
  const table = await readTable(path);
  const name = textColumn(table, options.text, ["prompt.text", "prompt", "text"]);
  const column = table.column(name);
  return Array.from({ length: table.length }, (_, row) => {
    const prompt = textAt(table, name, column, row);
    if (prompt === undefined) {
      throw new Error(
        `Cannot read '${path}': ${
          table.place(row)
        } has no prompt in column '${name}', so fill it ` +
          "in or remove it",
      );
    }
    return prompt;
  });
}
