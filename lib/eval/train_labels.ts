import type { LabelledTexts } from "../data/labelled_texts.ts";
import type { OptionTable } from "../options/option.ts";
import type { Seed } from "../options/seed_option.ts";
import { classificationQuality } from "./classification.ts";
import type { LabelClassifier } from "./classifier_folder.ts";
import { heldOutRows, holdOutOptions } from "./held_out_rows.ts";

/** What training a classifier for each label takes, of whatever kind. */
export const trainLabelsOptions = <Classifier>() => ({
  ...holdOutOptions,
  onLabel: {
    type: "value",
    is: (value: unknown): value is (trained: LabelClassifier<Classifier>) => void =>
      typeof value === "function",
    what: "a function of a label's classifier",
    help: "called when a label's classifier is trained",
  },
} as const satisfies OptionTable);

/** How a classifier of one label is trained and asked, by the rows of the texts. */
export interface RowTraining<Classifier> {
  /** @throws {RangeError} if the labels are all of one class. */
  train(rows: readonly number[], labels: readonly number[]): Classifier;
  probability(classifier: Classifier, row: number): number;
}

/**
 * Trains a classifier for each label, and measures each on texts that were kept back, which are the same for all labels.
 *
 * @throws {RangeError} if the texts of a label are all of one class.
 */
export function trainLabels<Classifier>(
  { texts, labels, labelNames }: LabelledTexts,
  { train, probability }: RowTraining<Classifier>,
  { holdOut, seed, onLabel = () => {} }: {
    holdOut: number;
    seed: Seed;
    onLabel?: (trained: LabelClassifier<Classifier>) => void;
  },
): LabelClassifier<Classifier>[] {
  const { training, kept } = heldOutRows(texts, holdOut, seed);
  return labelNames.map((label, column) => {
    const labelOf = (row: number) => labels[row * labelNames.length + column];
    let classifier: Classifier;
    try {
      classifier = train(training, training.map(labelOf));
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new RangeError(`The label '${label}': ${reason}`, { cause });
    }
    const heldOut = kept.length === 0 ? undefined : classificationQuality(
      kept.map((row) => probability(classifier, row)),
      kept.map(labelOf),
    );
    const trained = { label, classifier, heldOut };
    onLabel(trained);
    return trained;
  });
}
