import type { OptionTable } from "../options/option.ts";

/** `--json` of commands that print what they measured. */
export const jsonOption = {
  json: {
    type: "boolean",
    default: false,
    help: "one JSON object a line, and not for people",
  },
} as const satisfies OptionTable;
