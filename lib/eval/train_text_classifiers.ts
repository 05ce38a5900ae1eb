import type { LabelledTexts } from "../data/labelled_texts.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import type { LabelClassifier } from "./classifier_folder.ts";
import {
  type TextClassifier,
  trainTextClassifier,
  trainTextClassifierOptions,
} from "./text_classifier.ts";
import { trainLabels, trainLabelsOptions } from "./train_labels.ts";

/** What `trainTextClassifiers` takes. */
export const trainTextClassifiersOptions = {
  ...trainTextClassifierOptions,
  ...trainLabelsOptions<TextClassifier>(),
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
