import {
  add,
  clip,
  exp,
  log,
  matmul,
  mul,
  reduceSum,
  reshape,
  sub,
  sumAll,
  unsqueeze,
} from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";

type Float = Tensor<"float32">;

/** How strongly every label steers, `[labels]`, or `[batch, labels]` where rows differ: towards it, and away from it. */
export interface Strengths {
  readonly towards: Float;
  readonly away: Float;
}

/** What scores add to logits. */
export interface Addition {
  /** What differs from token to token, `[batch, k]`. */
  readonly varying: Float;
  /** What all tokens get alike, `[]` or `[batch, 1]`; nothing where absent. It does not change what is likely. */
  readonly constant?: Float;
}

/** What scores `[batch, labels, k]` add to logits. */
type Rule = (scores: Float, strengths: Strengths) => Addition;

/** Whether rows have strengths of their own. */
const isPerRow = ({ shape }: Float): boolean => shape.length === 2;

/** Σ_l w_l x_l over the labels: `[batch, labels, k]`, `[labels]` or `[batch, labels]` → `[batch, k]`. */
function weightedSum(x: Float, weights: Float): Float {
  const [batch, labels, k] = x.shape;
  const rows = isPerRow(weights) ? weights : unsqueeze(weights, [0]);
  const sum = labels === 1 ? mul(x, unsqueeze(rows, [2])) : matmul(unsqueeze(rows, [1]), x);
  return reshape(sum, [batch, k]);
}

/** β ρ with ρ = clamp(r, 0, 1), equation (1), and β (1 − ρ) to steer away: the clamp comes before the inversion. */
const reward: Rule = (scores, { towards, away }) => ({
  varying: weightedSum(clip(scores, 0, 1), sub(towards, away)),
  constant: isPerRow(away) ? reduceSum(away, [1], { keep: true }) : sumAll(away),
});

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
  return { varying: add(weightedSum(yes, towards), weightedSum(no, away)) };
};

/** β s, and −β s to steer away: a difference of logits. */
const difference: Rule = (scores, { towards, away }) => ({
  varying: weightedSum(scores, sub(towards, away)),
});

/** The rules by which scores change logits. A new rule is one more function and one line here. */
export const rules = { reward, logProbability, difference } as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;
