/** One line of `metrics.jsonl`. */
export interface MetricsRow extends Record<string, unknown> {
  step: number;
  epoch: number;
  rate: number;
}
