import type { OptionsOf, OptionTable } from "../options/option.ts";

/** How RAD and FUDGE read candidates. */
export const radOptions = {
  plain: {
    type: "boolean",
    default: false,
    help:
      "RAD and FUDGE as published: each candidate a text of its own with a copy of the prefix, and not one pass for all; the rewards are the same",
  },
} as const satisfies OptionTable;

/** How RAD and FUDGE read candidates. */
export type RadOptions = OptionsOf<typeof radOptions>;
