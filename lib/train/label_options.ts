import { codeWords } from "../data/control_codes.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { languageModelOptions } from "./language_model_options.ts";

/** The ways to train a language model on texts with a label. */
export const labelMethods = ["dapt", "ctrl"] as const;

/** How a language model learns a label. */
export const labelSettings = {
  method: {
    type: "choice",
    of: labelMethods,
    required: true,
    help:
      "dapt goes on training a model on the texts with the label, ctrl trains one on all texts, each after a control code that " +
      "says whether it has the label",
  },
  label: {
    type: "text",
    placeholder: "name",
    defaultHelp: "the texts' only one",
    help: "the label that is to be written",
  },
  inverse: {
    type: "boolean",
    default: false,
    help: "write texts without the label: 1 − y in place of y",
  },
  threshold: {
    type: "number",
    min: 0,
    max: 1,
    default: 0.5,
    placeholder: "y",
    help: "the value of the label from which a text counts as one with it",
  },
  codes: {
    ...codeWords,
    help:
      "two words whose first tokens are the control codes of ctrl, of texts with the label and without it",
  },
} as const satisfies OptionTable;

/** What `trainLanguageModelOnLabel` takes. */
export const labelOptions = {
  ...languageModelOptions,
  ...labelSettings,
} as const satisfies OptionTable;

export type LabelOptions = OptionsOf<typeof labelOptions>;
