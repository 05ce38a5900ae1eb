import type { Guide } from "../decode/generate.ts";
import { defaultBeta, type Steering } from "../decode/guidance.ts";
import type { RuleName } from "../reward/rules.ts";
import type { NamedGuide } from "./explored.ts";

/** What the page has to know of one strength β: every label that steers has one. */
export interface Strength {
  /** Where it leads: "towards" or "away from" a label. */
  readonly name: string;
  readonly beta: number;
  readonly most: number;
  readonly step: number;
}

/** How far β goes and how finely: log-probabilities and differences of logits are larger than rewards. */
const ranges: Record<RuleName, { most: number; step: number }> = {
  reward: { most: 60, step: 0.5 },
  logProbability: { most: 10, step: 0.1 },
  difference: { most: 10, step: 0.1 },
};

/** The strengths of all guides, guide after guide. */
export function strengthsOf(guides: readonly NamedGuide[]): Strength[] {
  return guides.flatMap(({ name, model: { rule }, steering }) =>
    steering.map(({ label, beta = defaultBeta, inverse }) => ({
      name: `${inverse ? "away from" : "towards"} ${label}` +
        (guides.length > 1 ? ` (${name})` : ""),
      beta,
      most: Math.max(ranges[rule].most, 2 * beta),
      // a slider can only stand at multiples of its step
      step: Number.isInteger(beta / ranges[rule].step) ? ranges[rule].step : 0.01,
    }))
  );
}

/** The guides with other strengths, in the order of `strengthsOf`. */
export function withStrengths(guides: readonly Guide[], betas: readonly number[]): Guide[] {
  let next = 0;
  return guides.map(({ model, steering }) => ({
    model,
    steering: steering.map((way): Steering => ({ ...way, beta: betas[next++] })),
  }));
}
