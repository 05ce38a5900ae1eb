/** How well probabilities tell two classes apart. */
export interface ClassificationQuality {
  /** The texts that it was measured on. */
  texts: number;
  /** The share of them that is of class 1. */
  positives: number;
  /** The share whose class is the one with a probability of more than a half. */
  accuracy: number;
  /** The area under the ROC curve; NaN if all texts are of one class. */
  auc: number;
}

/**
 * How well probabilities tell apart texts labelled 0.5 or more from others.
 *
 * The area under the ROC curve is the probability that a random text of class 1 has a higher probability than one of
 * class 0, ties counted as a half: (Σ ranks of class 1 − n₁(n₁ + 1)/2) / (n₀ n₁), tied ranks averaged.
 *
 * @throws RangeError if the lengths differ or there is no text.
 */
export function classificationQuality(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
): ClassificationQuality {
  const texts = probabilities.length;
  if (texts === 0 || texts !== labels.length) {
    throw new RangeError(
      `Cannot measure a classifier on ${texts} probabilities and ${labels.length} labels: give one of each a text`,
    );
  }
  const isPositive = (i: number) => labels[i] >= 0.5;
  const order = Array.from({ length: texts }, (_, i) => i)
    .sort((a, b) => probabilities[a] - probabilities[b]);
  let positives = 0;
  let right = 0;
  let ranks = 0;
  for (let start = 0; start < texts;) {
    let end = start;
    while (end < texts && probabilities[order[end]] === probabilities[order[start]]) end++;
    const rank = (start + 1 + end) / 2; // the mean of ranks start + 1 … end
    for (const i of order.slice(start, end)) {
      if (isPositive(i)) {
        positives++;
        ranks += rank;
      }
      if (isPositive(i) === probabilities[i] > 0.5) right++;
    }
    start = end;
  }
  const negatives = texts - positives;
  return {
    texts,
    positives: positives / texts,
    accuracy: right / texts,
    auc: (ranks - positives * (positives + 1) / 2) / (positives * negatives),
  };
}
