import type { OptionsOf, OptionTable } from "../../options/option.ts";

/** How candidates become tokens of a reward model whose tokenizer is not the base model's. */
export const byTextOptions = {
  retokenize: {
    type: "choice",
    of: ["text", "candidate", "never"],
    default: "text",
    placeholder: "what",
    help:
      "what is made into tokens where a reward model has another tokenizer than the base: the text with each candidate, each " +
      "candidate by itself (RAD's fast rule, as published), or nothing, so that it is an error",
  },
} as const satisfies OptionTable;

/** How candidates become tokens of a reward model whose tokenizer is not the base model's. */
export type ByTextOptions = OptionsOf<typeof byTextOptions>;

/** What is made into tokens. */
export type RetokenizeRule = "text" | "candidate";
