import { basename, resolve } from "node:path";
import { readClassifierFolder } from "../classifier_folder.ts";
import { scoreInBatches, type Scorer } from "./scorer.ts";

/**
 * Classifiers of word n-grams that `deno task train classifier` wrote: the probability of each label.
 *
 * @throws Error or SyntaxError if the folder does not hold any.
 */
export async function openLocalClassifier(folder: string): Promise<Scorer> {
  const { version, classifiers } = await readClassifierFolder(folder);
  const labels = classifiers.map(({ label }) => label);
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
          batch.flatMap((text) =>
            classifiers.map(({ classifier }) => classifier.probability(text))
          ),
        options,
      ),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
