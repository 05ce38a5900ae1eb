/** The middle of the values, or the mean of the two in the middle. @throws {RangeError} if there is none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("There is no median of no values");
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
