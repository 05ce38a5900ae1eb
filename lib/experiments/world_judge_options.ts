import type { OptionsOf, OptionTable } from "../options/option.ts";

/** What `worldJudge` takes. */
export const worldJudgeOptions = {
  attribute: {
    type: "choice",
    of: ["positive", "rude"],
    default: "positive",
    help: "what is judged",
  },
  control: {
    type: "choice",
    of: ["mean", "maximum"],
    default: "mean",
    help:
      "what counts of a prompt's continuations: the mean of their probabilities, or the greatest, which averaged over " +
      "prompts is the average maximal toxicity of the paper",
  },
} as const satisfies OptionTable;

/** What `worldJudge` takes. */
export type WorldJudgeOptions = OptionsOf<typeof worldJudgeOptions>;
