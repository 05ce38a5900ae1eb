import {
  add,
  clip,
  exp,
  greaterOrEqual,
  log,
  matmul,
  maxLast,
  mul,
  reduceSum,
  reshape,
  sub,
  sumAll,
  transpose,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import { scalar, type Tensor } from "../graph/tensor.ts";
import { logSumExp } from "../loss/log_sum_exp.ts";

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

/** What scores `[batch, labels, k]` add to logits `[batch, k]`. */
type Rule = (scores: Float, strengths: Strengths, logits: Float) => Addition;

/** The same, where it does not matter what the logits are. */
type Additive = (scores: Float, strengths: Strengths) => Addition;

/** Whether rows have strengths of their own. */
const isPerRow = ({ shape }: Float): boolean => shape.length === 2;

/** Σ_l w_l x_l over the labels: `[batch, labels, k]`, `[labels]` or `[batch, labels]` → `[batch, k]`. */
function weightedSum(x: Float, weights: Float): Float {
  const [batch, labels, k] = x.shape;
  const sum = labels === 1
    ? mul(x, perToken(weights))
    : matmul(unsqueeze(weights, isPerRow(weights) ? [1] : [0, 1]), x);
  return reshape(sum, [batch, k]);
}

/** Strengths beside scores: `[labels]` → `[1, labels, 1]`, `[batch, labels]` → `[batch, labels, 1]`. */
function perToken(strengths: Float): Float {
  return unsqueeze(strengths, isPerRow(strengths) ? [2] : [0, 2]);
}

/** β ρ with ρ = clamp(r, 0, 1), equation (1), and β (1 − ρ) to steer away: the clamp comes before the inversion. */
const reward: Additive = (scores, { towards, away }) => ({
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
const logProbability: Additive = (scores, { towards, away }) => {
  const { yes, no } = logProbabilities(scores);
  return { varying: add(weightedSum(yes, towards), weightedSum(no, away)) };
};

/** β s, and −β s to steer away: a difference of logits. */
const difference: Additive = (scores, { towards, away }) => ({
  varying: weightedSum(scores, sub(towards, away)),
});

/** The least that a probability is bounded by, as the authors have it. */
const leastCap = 1e-7;

/**
 * log min(p, c) − log p, with a bound c = 1 − β (1 − ρ) of a token's probability, and 1 − β ρ to steer away (Cao et al., 2023,
 * with ρ = 1 + Q); of several labels the least bound holds. What is cut off goes to the other tokens, so it is
 * done twice, as the authors do.
 */
const cap: Rule = (scores, { towards, away }, logits) => {
  const rho = clip(scores, 0, 1);
  const cut = add(mul(sub(1, rho), perToken(towards)), mul(rho, perToken(away)));
  const largestCut = maxLast(transpose(cut, [0, 2, 1]));
  const bound = log(clip(sub(1, reshape(largestCut, logits.shape)), leastCap, 1));
  let capped = logits;
  for (let round = 0; round < 2; round++) {
    const limit = add(bound, logSumExp(capped));
    capped = where(greaterOrEqual(capped, limit), limit, capped);
  }
  // what is −∞ stays so
  return { varying: where(greaterOrEqual(logits, lowest), sub(capped, logits), 0) };
};

/** Just above −∞. */
const lowest = scalar("float32", -3e38);

/** The rules by which scores change logits. A new rule is one more function and one line here. */
export const rules = { reward, logProbability, difference, cap } as const satisfies Record<
  string,
  Rule
>;

export type RuleName = keyof typeof rules;

/** What scores `[batch, labels, k]` add to logits `[batch, k]` by a rule. */
export function addedBy(
  rule: RuleName,
  scores: Float,
  strengths: Strengths,
  logits: Float,
): Addition {
  const added: Rule = rules[rule];
  return added(scores, strengths, logits);
}
