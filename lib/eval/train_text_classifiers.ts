import type { LabelledTexts } from "../data/labelled_texts.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { seedOption } from "../options/seed_option.ts";
import { settle } from "../options/settle.ts";
import { Random } from "../random.ts";
import { classificationQuality } from "./classification.ts";
import type { LabelClassifier } from "./classifier_folder.ts";
import { trainTextClassifier, trainTextClassifierOptions } from "./text_classifier.ts";

const isOnLabel = (value: unknown): value is (trained: LabelClassifier) => void =>
  typeof value === "function";

/** What `trainTextClassifiers` takes. */
export const trainTextClassifiersOptions = {
  ...trainTextClassifierOptions,
  holdOut: {
    type: "number",
    min: 0,
    below: 1,
    default: 0.1,
    placeholder: "share",
    help: "share of the texts that is kept back to measure the classifiers on",
  },
  seed: { ...seedOption, help: "seed that chooses them" },
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
  { texts, labels, labelNames }: LabelledTexts,
  options: TextClassifiersOptions = {},
): LabelClassifier[] {
  const { holdOut, seed, onLabel = () => {}, ...rest } = settle(
    "trainTextClassifiers",
    trainTextClassifiersOptions,
    options,
  );
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
