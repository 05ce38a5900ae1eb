import type { LabelledTexts } from "../data/labelled_texts.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import type { LabelClassifier } from "./classifier_folder.ts";
import { holdOutOptions } from "./held_out_rows.ts";
import {
  type TextClassifier,
  trainTextClassifier,
  trainTextClassifierOptions,
} from "./text_classifier.ts";
import { trainLabels } from "./train_labels.ts";

const isOnLabel = (value: unknown): value is (trained: LabelClassifier) => void =>
  typeof value === "function";

/** What `trainTextClassifiers` takes. */
export const trainTextClassifiersOptions = {
  ...trainTextClassifierOptions,
  ...holdOutOptions,
  onLabel: {
    type: "value",
    is: isOnLabel,
    what: "a function of a label's classifier",
    help: "called when a label's classifier is trained",
  },
} as const satisfies OptionTable;
export type TextClassifiersOptions = OptionsOf<typeof trainTextClassifiersOptions>;

/**
 * Trains a classifier of word n-grams for each label, and measures each on texts that were kept back: those are the same
 * for all labels, and equal texts stay together, so that none is on both sides.
 *
 * @throws RangeError if an option is out of range, or the texts of a label are all of one class.
 */
export function trainTextClassifiers(
  labelled: LabelledTexts,
  options: TextClassifiersOptions = {},
): LabelClassifier[] {
  const { holdOut, seed, onLabel, ...rest } = settle(
    "trainTextClassifiers",
    trainTextClassifiersOptions,
    options,
  );
  const { texts } = labelled;
  return trainLabels(labelled, {
    train: (rows, labels) => trainTextClassifier(rows.map((row) => texts[row]), labels, rest),
    probability: (classifier: TextClassifier, row) => classifier.probability(texts[row]),
  }, { holdOut, seed, onLabel });
}
