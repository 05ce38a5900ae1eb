import type { Value } from "../runtime/value.ts";
import { divisorOf, type DrawSettings, isGreedy } from "./draw.ts";
import { likelyEnough, nucleusOf, placeOfLargest, softmaxOf } from "./row_filters.ts";
import type { Step } from "./step.ts";

/** Natural logarithms of the probabilities of tokens that were drawn, as they were drawn and as they would be by nothing but the base model. */
export interface LogProbabilities<T> {
  /** log q(x_t | x_<t): after guidance, with the cuts and the temperature of the draw. */
  readonly steered: T;
  /**
   * log p(x_t | x_<t): what the same sampler gives without guides and formula, with the same top k, repetition penalty, cuts and
   * temperature; −∞ where its cuts leave the token out.
   */
  readonly unsteered: T;
}

/**
 * log q(x) − log p(x) of whole texts, in nats: how much likelier guidance made each of them.
 *
 * @param logProbabilities those that `generate` and `generateTexts` keep where they are asked to.
 * @returns `[prompt][sample]`.
 */
export function logRatios(
  { steered, unsteered }: LogProbabilities<readonly (readonly (readonly number[])[])[]>,
): number[][] {
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  return steered.map((texts, prompt) =>
    texts.map((own, sample) => total(own) - total(unsteered[prompt][sample]))
  );
}

/** What cuts the logits of a step before a token is drawn. */
export interface SamplerCuts extends DrawSettings {
  /** The nucleus of the base model's logits, before guidance; absent: no cut. */
  readonly baseTopP?: number;
}

/**
 * The log-probabilities of what every row of a step drew, among the base model's top k. With logits z of the base model and z′
 * after guidance, at temperature T: log q = log softmax(z′/T)[x_t] and log p = log softmax(z/T)[x_t], each after the sampler's
 * cuts. At temperature 0 a sampler takes its likeliest token with probability 1.
 */
export function drawnLogProbabilities(
  step: Step,
  { baseTopP, ...draw }: SamplerCuts,
): LogProbabilities<Float64Array> {
  const [rows, k] = step.candidates.dims;
  const rowOf = ({ data }: Value, row: number) =>
    (data as Float32Array).subarray(row * k, (row + 1) * k);
  const steered = new Float64Array(rows);
  const unsteered = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const place = step.places[row];
    const logits = rowOf(step.logits, row);
    const base = baseTopP === undefined ? logits : nucleusOf(logits, softmaxOf(logits), baseTopP);
    steered[row] = logProbabilityOf(place, rowOf(step.guided, row), draw);
    unsteered[row] = logProbabilityOf(place, base, draw);
  }
  return { steered, unsteered };
}

/** The log-probability that a draw from logits `[k]` takes a place among them. */
function logProbabilityOf(
  place: number,
  logits: Float32Array,
  { temperature, topP, minP }: DrawSettings,
): number {
  // as the graph does it, in float32
  const divisor = Math.fround(divisorOf(temperature));
  let kept = divisor === 1 ? logits : logits.map((logit) => logit / divisor);
  if (topP !== undefined) kept = nucleusOf(kept, softmaxOf(kept), topP);
  if (minP !== undefined) kept = likelyEnough(kept, minP);
  if (isGreedy(temperature)) return place === placeOfLargest(kept) ? 0 : -Infinity;
  const largest = kept.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const logit of kept) sum += Math.exp(logit - largest);
  return kept[place] - largest - Math.log(sum);
}
