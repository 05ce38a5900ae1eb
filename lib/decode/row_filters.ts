/** Probabilities of logits that may be −∞; all zeros where all are. */
export function softmaxOf(logits: Float32Array): number[] {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = Array.from(logits, (x) => x === -Infinity ? 0 : Math.exp(x - largest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / (sum || 1));
}

/** `nucleus` of the filters, for one row. */
export function nucleusOf(
  logits: Float32Array,
  probabilities: readonly number[],
  p: number,
): Float32Array {
  const limit = p >= 1 ? Infinity : Math.fround(p);
  const order = probabilities.map((_, i) => i).sort((a, b) => logits[b] - logits[a]);
  let sum = 0;
  let threshold = Infinity;
  for (const place of order) {
    if (sum > limit) break;
    threshold = logits[place];
    sum += probabilities[place];
  }
  return logits.map((logit) => logit >= threshold ? logit : -Infinity);
}

/** `minP` of the filters, for one row. */
export function likelyEnough(logits: Float32Array, p: number): Float32Array {
  const probabilities = Float32Array.from(softmaxOf(logits));
  const least = Math.fround(Math.fround(p) * probabilities.reduce((a, b) => Math.max(a, b), 0));
  return logits.map((logit, i) => probabilities[i] >= least ? logit : -Infinity);
}

/** The place of the first of the largest. */
export function placeOfLargest(values: Float32Array): number {
  return values.reduce((best, value, i) => value > values[best] ? i : best, 0);
}
