import type { LabelledTexts } from "../data/labelled_texts.ts";
import { embedTexts, embedTextsOptions } from "../encoders/embed_texts.ts";
import type { SentenceEncoder } from "../encoders/sentence_encoder.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import type { LabelClassifier } from "./classifier_folder.ts";
import {
  type EmbeddingClassifier,
  trainEmbeddingClassifier,
  trainEmbeddingClassifierOptions,
} from "./embedding_classifier.ts";
import { trainLabels, trainLabelsOptions } from "./train_labels.ts";

/** What `trainEmbeddingClassifiers` takes. */
export const trainEmbeddingClassifiersOptions = {
  ...trainEmbeddingClassifierOptions,
  ...trainLabelsOptions<EmbeddingClassifier>(),
  ...embedTextsOptions,
} as const satisfies OptionTable;
export type EmbeddingClassifiersOptions = OptionsOf<typeof trainEmbeddingClassifiersOptions>;

/**
 * Trains a classifier of embeddings for each label, and measures each on texts that were kept back: the same for all labels, and
 * the same that classifiers of word n-grams are measured on with that seed.
 *
 * @throws {RangeError} if an option is out of range, or the texts of a label are all of one class.
 * @throws the signal's reason, if that aborts.
 */
export async function trainEmbeddingClassifiers(
  labelled: LabelledTexts,
  encoder: SentenceEncoder,
  options: EmbeddingClassifiersOptions = {},
): Promise<LabelClassifier<EmbeddingClassifier>[]> {
  const { holdOut, seed, onLabel, batchSize, signal, l2 } = settle(
    "trainEmbeddingClassifiers",
    trainEmbeddingClassifiersOptions,
    options,
  );
  const places = new Map<string, number>();
  for (const text of labelled.texts) if (!places.has(text)) places.set(text, places.size);
  const embeddings = await embedTexts(encoder, [...places.keys()], { batchSize, signal });
  const embeddingOf = (row: number) => embeddings[places.get(labelled.texts[row])!];
  return trainLabels(labelled, {
    train: (rows, labels) => trainEmbeddingClassifier(rows.map(embeddingOf), labels, { l2 }),
    probability: (classifier: EmbeddingClassifier, row) => classifier.probability(embeddingOf(row)),
  }, { holdOut, seed, onLabel });
}
