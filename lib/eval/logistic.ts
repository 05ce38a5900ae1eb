/** σ(x) = 1 / (1 + e⁻ˣ). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The cross-entropy of σ(logit) under a label in [0, 1], without overflow. */
export function crossEntropyOf(logit: number, label: number): number {
  return Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - label * logit;
}

/**
 * Makes sure that there are labels in [0, 1] of both classes, one a text.
 *
 * @param caller the function's name, for errors.
 * @param trained what it trains, for errors: "a text classifier".
 * @throws {TypeError} if `labels` is no list of numbers.
 * @throws {RangeError} if there is no text, the lengths differ, or the labels are out of range or of one class.
 */
export function checkClasses(
  caller: string,
  trained: string,
  texts: number,
  labels: ArrayLike<number>,
): void {
  const cannot = `Cannot train ${trained}`;
  if (typeof labels?.length !== "number") {
    throw new TypeError(`${caller} needs 'labels': give a list of numbers.`);
  }
  if (texts === 0) throw new RangeError(`${cannot} as there is no text: pass at least two`);
  if (texts !== labels.length) {
    throw new RangeError(
      `${cannot} as there are ${texts} texts but ${labels.length} labels: pass one a text`,
    );
  }
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    if (!(labels[i] >= 0 && labels[i] <= 1)) {
      throw new RangeError(`${cannot} as label ${i + 1} is not in [0, 1]: it is ${labels[i]}`);
    }
    sum += labels[i];
  }
  if (sum === 0 || sum === labels.length) {
    throw new RangeError(`${cannot} as every label is ${labels[0]}: pass texts of both classes`);
  }
}
