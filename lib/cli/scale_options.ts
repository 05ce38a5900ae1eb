import type { OptionTable } from "../options/option.ts";

/** How the stages of an experiment are spread over processes. */
export const scaleOptions = {
  jobs: {
    type: "integer",
    min: 1,
    default: 1,
    help: "stages that are made side by side on this machine, which share its threads",
  },
  shards: {
    type: "integer",
    min: 1,
    default: 1,
    help:
      "into how many pieces generating and judging are cut, by prompts; results have the same bytes however many",
  },
  stage: {
    type: "list",
    of: { type: "text" },
    placeholder: "key",
    help:
      "make only the stages of these keys, whose needs are there: what jobs do; - reads keys from standard input",
  },
} as const satisfies OptionTable;
