import type { LabelledTexts } from "../data/labelled_texts.ts";

/** Texts by whether they have their one label, from 0.5 up, or not. */
export interface TextClasses {
  readonly desired: readonly string[];
  readonly undesired: readonly string[];
}

/**
 * Texts by their one label.
 *
 * @throws {RangeError} if there are several labels, or all texts are of one class.
 */
export function textsByClass({ texts, labels, labelNames }: LabelledTexts): TextClasses {
  if (labelNames.length !== 1) {
    throw new RangeError(
      `This kind of model learns one label, but there are ${labelNames.length} ` +
        `(${labelNames.join(", ")}): choose one`,
    );
  }
  const classes = {
    desired: texts.filter((_, i) => labels[i] >= 0.5),
    undesired: texts.filter((_, i) => labels[i] < 0.5),
  };
  const [name] = labelNames;
  if (classes.desired.length === 0) {
    throw new RangeError(
      `No text has the label '${name}' at 0.5 or above: there is nothing to learn`,
    );
  }
  if (classes.undesired.length === 0) {
    throw new RangeError(`No text has the label '${name}' below 0.5: there is nothing to learn`);
  }
  return classes;
}
