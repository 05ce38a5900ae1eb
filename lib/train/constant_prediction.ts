import type { Example, Part } from "./objective.ts";

/** How a loss compares labels with a prediction. */
export interface LabelLoss {
  readonly labels: number;
  /** How much a text counts, beside others of its batch. */
  readonly weight: (example: Example) => number;
  /** What the weights of a whole batch are divided by. */
  readonly total: (part: Part) => number;
  readonly error: (predicted: number, label: number) => number;
  /** Whether the errors of several labels are averaged or added up. */
  readonly reduction: "mean" | "sum";
}

/** The loss of predicting, for every text, the mean of each label over the training texts. */
export function meanLabelLoss(
  training: readonly Example[],
  evaluation: readonly Part[],
  { labels, weight, total, error, reduction }: LabelLoss,
): number {
  const means = meanLabels(training, labels, weight);
  let loss = 0;
  for (const part of evaluation) {
    for (const example of part.examples) {
      const errors = means.reduce((sum, mean, o) => sum + error(mean, example.labels[o]), 0);
      loss += weight(example) / total(part) * errors;
    }
  }
  return reduction === "mean" ? loss / labels : loss;
}

/** The mean of each label over some texts. @param weight how much each counts. Default: alike, if it has tokens. */
export function meanLabels(
  examples: readonly Example[],
  labels: number,
  weight: LabelLoss["weight"] = ({ ids }) => ids.length > 0 ? 1 : 0,
): number[] {
  const means = new Array<number>(labels).fill(0);
  const weights = examples.reduce((sum, example) => sum + weight(example), 0);
  for (const example of examples) {
    means.forEach((_, o) => means[o] += weight(example) * example.labels[o] / weights);
  }
  return means;
}

export function squaredError(predicted: number, label: number): number {
  return (predicted - label) ** 2;
}

/** −y ln p − (1 − y) ln(1 − p), in nats; p is kept off 0 and 1, where it would be infinite. */
export function crossEntropy(predicted: number, label: number): number {
  const term = (share: number, p: number) => -share * Math.log(Math.max(p, 1e-7));
  return term(label, predicted) + term(1 - label, 1 - predicted);
}

/**
 * How unlikely each token is by how often it occurs in the training texts, with one more of each: −ln p, `[vocabulary]`, in
 * nats.
 */
export function unigramNll(
  training: readonly Example[],
  { vocabulary, endOfText }: { readonly vocabulary: number; readonly endOfText: number },
): Float64Array {
  const counts = new Float64Array(vocabulary).fill(1);
  for (const example of training) {
    for (const id of predictedTokens(example, endOfText)) counts[id]++;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => -Math.log(count / total));
}

/** The tokens that a language model predicts of a text: its own that are not given, and its end if that is there. */
export function predictedTokens(
  { ids, goesOn, given = 0 }: Example,
  endOfText: number,
): number[] {
  return [...Array.from(ids).slice(given), ...(goesOn ? [] : [endOfText])];
}

/**
 * The loss of predicting, for every place, the mean of what a teacher says of each label of these places.
 *
 * @param rewards the teacher's, `[batch, time, labels]`, and how much each place counts, `[batch, time]`.
 */
export function meanRewardLoss(
  parts: readonly { readonly rewards: Float32Array; readonly weights: Float32Array }[],
  labels: number,
): number {
  const sums = new Float64Array(labels);
  const squares = new Float64Array(labels);
  let total = 0;
  for (const { rewards, weights } of parts) {
    weights.forEach((weight, place) => {
      if (weight === 0) return;
      total += weight;
      for (let o = 0; o < labels; o++) {
        const reward = rewards[place * labels + o];
        sums[o] += weight * reward;
        squares[o] += weight * reward * reward;
      }
    });
  }
  return sums.reduce((loss, sum, o) => loss + squares[o] - sum * sum / total, 0) / labels;
}
