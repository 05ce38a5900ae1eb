import { add, clip, exp, log, mul, reduceSum, sub, unsqueeze } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";

type Float = Tensor<"float32">;

/** How strongly every label steers, `[labels]`: towards it, and away from it. */
export interface Strengths {
  readonly towards: Float;
  readonly away: Float;
}

/** What scores `[batch, labels, k]` add to logits, `[batch, k]`. */
type Rule = (scores: Float, strengths: Strengths) => Float;

const perLabel = (strength: Float): Float => unsqueeze(strength, [0, 2]);

/** β ρ with ρ = clamp(r, 0, 1), equation (1), and β (1 − ρ) to steer away: the clamp comes before the inversion. */
const reward: Rule = (scores, { towards, away }) => {
  const slope = perLabel(sub(towards, away));
  return reduceSum(add(mul(clip(scores, 0, 1), slope), perLabel(away)), [1]);
};

/** log σ(s) and log σ(−s) = log σ(s) − s, the log-probabilities that log-odds stand for. */
export function logProbabilities(logOdds: Float): { yes: Float; no: Float } {
  const below = clip(logOdds, -Infinity, 0);
  const above = sub(logOdds, below);
  // log σ(s) = min(s, 0) − log(1 + exp(−|s|))
  const yes = sub(below, log(add(exp(sub(below, above)), 1)));
  return { yes, no: sub(yes, logOdds) };
}

/** β log σ(s), and β log σ(−s) to steer away: Bayes' rule, with s the log-odds of the attribute. */
const logProbability: Rule = (scores, { towards, away }) => {
  const { yes, no } = logProbabilities(scores);
  return reduceSum(add(mul(yes, perLabel(towards)), mul(no, perLabel(away))), [1]);
};

/** β s, and −β s to steer away: a difference of logits. */
const difference: Rule = (scores, { towards, away }) =>
  reduceSum(mul(scores, perLabel(sub(towards, away))), [1]);

/** The rules by which scores change logits. A new rule is one more function and one line here. */
export const rules = { reward, logProbability, difference } as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;
