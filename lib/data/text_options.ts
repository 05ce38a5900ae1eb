import type { OptionTable } from "../options/option.ts";

/** Which texts of a file are read. */
export const textOptions = {
  textColumn: {
    type: "text",
    defaultHelp: '"text" or "sentence"',
    placeholder: "name",
    former: ["text", "column"],
    help: "column of the text",
  },
  records: {
    type: "list",
    of: { type: "text" },
    flag: "record",
    placeholder: "name",
    help: "nested records of .jsonl files that each hold a text",
  },
} as const satisfies OptionTable;
