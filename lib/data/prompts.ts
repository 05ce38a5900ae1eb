import { extname } from "node:path";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { readTable, textAt, textColumn } from "./table.ts";
import { textOptions } from "./text_options.ts";
import { readTexts } from "./texts.ts";

/** What `readPrompts` takes. */
export const promptsOptions = {
  textColumn: {
    ...textOptions.textColumn,
    defaultHelp: '"prompt.text", "prompt" or "text"',
    help: "column of the prompt; in .jsonl and .parquet it may be a path",
  },
} as const satisfies OptionTable;
export type PromptsOptions = OptionsOf<typeof promptsOptions>;

/**
 * Reads prompts: every line of a `.txt` file that is not blank, or a column of a table (`.jsonl`,
 * `.tsv`, `.csv`, `.parquet`), where every row must have one.
 *
 * @throws Error if the file, the column or a prompt is missing; SyntaxError if the file cannot be
 *   parsed; TypeError if a prompt is not a text. The message names file and line.
 */
export async function readPrompts(path: string, options: PromptsOptions = {}): Promise<string[]> {
  const { textColumn: given } = settle("readPrompts", promptsOptions, options);
  checkArgument("readPrompts", "path", { type: "text" }, path);
  if (extname(path).toLowerCase() === ".txt") return await readTexts([path]);
  const columns = given === undefined ? ["prompt.text", "prompt", "text"] : [given];
  const table = await readTable(path, { columns });
  const name = textColumn(table, given, columns);
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
