import type { LabelledTexts } from "../data/labelled_texts.ts";
import { Random } from "../random.ts";
import { classificationQuality } from "./classification.ts";
import type { LabelClassifier } from "./classifier_folder.ts";
import { type TextClassifierOptions, trainTextClassifier } from "./text_classifier.ts";

/** Options of `trainTextClassifiers`. */
export interface TextClassifiersOptions extends TextClassifierOptions {
  /**
   * The share of the texts that is kept back to measure the classifiers on.
   *
   * @default {0.1}
   */
  holdOut?: number;
  /**
   * The seed that chooses them.
   *
   * @default {0}
   */
  seed?: number;
  /** Called when a label's classifier is trained. */
  onLabel?: (trained: LabelClassifier) => void;
}

/**
 * Trains a classifier of word n-grams for each label, and measures each on texts that were kept back: those are the same
 * for all labels, and equal texts stay together, so that none is on both sides.
 *
 * @throws RangeError if an option is out of range, or the texts of a label are all of one class.
 */
export function trainTextClassifiers(
  { texts, labels, labelNames }: LabelledTexts,
  options: TextClassifiersOptions = {},
): LabelClassifier[] {
  const { holdOut = 0.1, seed = 0, onLabel = () => {}, ...rest } = options;
  if (!(holdOut >= 0 && holdOut < 1)) {
    throw new RangeError(
      `Cannot train text classifiers as 'holdOut' must be at least 0 and less than 1: it is ${holdOut}`,
    );
  }
  const isHeldOut = new Map<string, boolean>();
  const distinct = new Random(seed, "held-out texts").shuffle([...new Set(texts)]);
  distinct.forEach((text, i) => isHeldOut.set(text, i < Math.round(holdOut * distinct.length)));
  const rows = (heldOut: boolean) =>
    texts.keys().filter((row) => isHeldOut.get(texts[row]) === heldOut).toArray();
  const [training, kept] = [rows(false), rows(true)];
  return labelNames.map((label, column) => {
    const labelOf = (row: number) => labels[row * labelNames.length + column];
    let classifier;
    try {
      classifier = trainTextClassifier(
        training.map((row) => texts[row]),
        training.map(labelOf),
        rest,
      );
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new RangeError(`The label '${label}': ${reason}`, { cause });
    }
    const heldOut = kept.length === 0 ? undefined : classificationQuality(
      kept.map((row) => classifier.probability(texts[row])),
      kept.map(labelOf),
    );
    const trained = { label, classifier, heldOut };
    onLabel(trained);
    return trained;
  });
}
