import { type Bin, Counts, ShareCounts } from "./histogram.ts";

/** How long texts are, in some unit. */
export interface LengthDescription {
  /** What is counted: "tokens" or "words". */
  unit: string;
  total: number;
  mean: number;
  min: number;
  median: number;
  /** 90 % and 99 % of the texts are no longer than these. */
  p90: number;
  p99: number;
  max: number;
  /** 1, 2, 3–4, 5–8, 9–16 …. */
  histogram: Bin[];
}

/** How one label is distributed. */
export interface LabelDescription {
  name: string;
  /** Rows that have it, and rows that do not. */
  count: number;
  missing: number;
  mean: number;
  /** Rows where it is exactly 0, exactly 1, and at least 0.5. */
  zeros: number;
  ones: number;
  high: number;
  /** [0, 0.1), [0.1, 0.2) …, [0.9, 1]. */
  tenths: number[];
}

/** What there is to know of a data set at a glance. */
export interface TextsDescription {
  rows: number;
  /** Rows without a text. */
  missingTexts: number;
  lengths: LengthDescription;
  labels: LabelDescription[];
}

/** A row as it is described: a text, or none, and labels in [0, 1], NaN where missing. */
export interface DescribedRow {
  text: string | undefined;
  labels: readonly number[];
}

/** What lengths are measured in. */
export interface LengthUnit {
  unit: string;
  length: (text: string) => number;
}

/** Words: what stands between blanks of any kind. */
export const wordLength: LengthUnit = {
  unit: "words",
  length(text) {
    let words = 0;
    let inWord = false;
    // a match of all words at once would make an array of them
    for (let i = 0; i < text.length; i++) {
      const isBlank = blank.test(text[i]);
      if (!isBlank && !inWord) words++;
      inWord = !isBlank;
    }
    return words;
  },
};

const blank = /\s/;

/**
 * Describes texts and their labels in one pass, in memory that does not grow with their number.
 *
 * @param labelNames the labels' names, in the order of each row's.
 * @param length how long a text is.
 */
export async function describeTexts(
  rows: AsyncIterable<DescribedRow>,
  labelNames: readonly string[],
  { unit, length }: LengthUnit,
): Promise<TextsDescription> {
  const lengths = new Counts();
  const labels = labelNames.map(() => new ShareCounts());
  let count = 0;
  let missingTexts = 0;
  for await (const row of rows) {
    count++;
    if (row.text === undefined) missingTexts++;
    else lengths.add(length(row.text));
    for (let i = 0; i < labels.length; i++) labels[i].add(row.labels[i]);
  }
  return {
    rows: count,
    missingTexts,
    lengths: {
      unit,
      total: lengths.sum,
      mean: lengths.sum / lengths.total,
      min: lengths.quantile(0),
      median: lengths.quantile(0.5),
      p90: lengths.quantile(0.9),
      p99: lengths.quantile(0.99),
      max: lengths.quantile(1),
      histogram: lengths.doublingBins(),
    },
    labels: labels.map(({ count, missing, mean, zeros, ones, high, tenths }, i) => (
      { name: labelNames[i], count, missing, mean, zeros, ones, high, tenths }
    )),
  };
}
