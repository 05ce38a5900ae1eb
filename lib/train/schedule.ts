/** How the learning rate goes over a run. */
export const rateShapes = ["constant", "linear", "cosine"] as const;
export type RateShape = typeof rateShapes[number];

export interface Schedule {
  /** The highest learning rate. */
  rate: number;
  /** `constant` (the paper), or a fall along a line or half a cosine that reaches 0 after the last step. Default `constant`. */
  shape?: RateShape;
  /** Steps over which the rate first rises from 0. Default 0. */
  warmup?: number;
}

/** The learning rate of step `step` (from 1) of `steps`. */
export function rateAt(
  { rate, shape = "constant", warmup = 0 }: Schedule,
  step: number,
  steps: number,
): number {
  if (step <= warmup) return rate * step / warmup;
  const done = (step - 1 - warmup) / Math.max(1, steps - warmup);
  switch (shape) {
    case "constant":
      return rate;
    case "linear":
      return rate * (1 - done);
    case "cosine":
      return rate * 0.5 * (1 + Math.cos(Math.PI * done));
  }
}
