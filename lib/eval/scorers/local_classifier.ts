import { basename, resolve } from "node:path";
import type { Device } from "../../runtime/device.ts";
import { readClassifierFolder } from "../classifier_folder.ts";
import { TextClassifier } from "../text_classifier.ts";
import { openEmbeddingScorer } from "./embedding_scorer.ts";
import { scoreInBatches, type Scorer } from "./scorer.ts";

/**
 * Classifiers that `deno task train classifier` wrote, of word n-grams or of embeddings: the probability of each label.
 *
 * @param device where embeddings are computed. Default: the CPU.
 * @throws Error or SyntaxError if the folder does not hold any.
 */
export async function openLocalClassifier(folder: string, device?: Device): Promise<Scorer> {
  const read = await readClassifierFolder(folder);
  const { version, encoder, classifiers: entries } = read;
  if (encoder) return await openEmbeddingScorer(folder, { ...read, encoder }, device);
  const labels = entries.map(({ label }) => label);
  const classifiers = await Promise.all(entries.map(({ file }) => TextClassifier.load(file)));
  return {
    name: basename(resolve(folder)),
    version,
    labels,
    reads: "whole",
    score: (texts, options = {}) =>
      scoreInBatches(
        texts,
        labels.length,
        256,
        (batch) =>
          batch.flatMap((text) => classifiers.map((classifier) => classifier.probability(text))),
        options,
      ),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
