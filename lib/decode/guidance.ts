import {
  add,
  concat,
  gatherLast,
  greaterOrEqual,
  reshape,
  slice,
  sub,
  topK,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import { input, scalar, type Tensor } from "../graph/tensor.ts";
import { logSumExp } from "../loss/log_sum_exp.ts";
import type { Expression } from "../methods/arithmetic/formula.ts";
import { formulaLogits } from "../methods/arithmetic/formula_value.ts";
import { addedBy, logProbabilities, type RuleName, type Strengths } from "../methods/rules.ts";
import { floats, type Value } from "../runtime/value.ts";
import { filterByClass, nucleus } from "./filters.ts";

type Float = Tensor<"float32">;

/** The strength β where none is given. */
export const defaultBeta = 10;

/** How one label of a reward model steers. */
export interface Steering {
  /** A label of the reward model. */
  label: string;
  /** Strength β, added to a logit at reward 1. Default 10. */
  beta?: number;
  /** Steer away: 1 − r in place of r. Default false. */
  inverse?: boolean;
}

/** GeDi's filter (its section 4.2): it drops the tokens that are least likely to be of the desired class. */
export interface ClassFilter {
  /** Up to which accumulated probability tokens may be dropped (`filter_p`). */
  dropUpTo: number;
  /** From which probability of the desired class a token stays in any case (`target_p`). */
  keepFrom: number;
}

/** What a graph of guidance has to know of a guide when it is built. */
export interface GuideShape {
  readonly rule: RuleName;
  readonly labels: number;
  /** Whether it filters by the class. */
  readonly filters: boolean;
}

/** What a graph has to know of a formula: it over the places of its models, −1 for the base model, and how it reads them. */
export interface FormulaShape {
  readonly of: Expression<number>;
  /** How many models there are beside the base model. */
  readonly models: number;
  /** Whether logits are made into log-probabilities first, for which they have to be those of all tokens. */
  readonly normalizes: boolean;
}

/** What a graph of guidance has to know when it is built. */
export interface GuidanceShape {
  readonly guides: readonly GuideShape[];
  /** Whether logits are those of the whole vocabulary, of which the top k are taken when guided. */
  readonly wholeVocabulary: boolean;
  /** Whether the base model's logits are cut to their nucleus first. */
  readonly baseNucleus: boolean;
  /** What the base model and others are put together to before guidance; absent: the base model's logits as they are. */
  readonly formula?: FormulaShape;
  /** Whether every row has strengths of its own; then none filters. Default false. */
  readonly perRow?: boolean;
}

/** What the guided step chooses from: all `[batch, k]`, the scores of every guide `[batch, labels, k]`. */
export interface Guided {
  readonly candidates: Tensor<"int64">;
  readonly logits: Float;
  /** Those of the guides, and behind them those of a formula's models. */
  readonly scores: readonly Float[];
  /** Guided logits, before the softmax. */
  readonly guided: Float;
}

/** Names of the inputs of `guide`. */
export const guidanceNames = {
  towards: (guide: number) => `towards.${guide}`,
  away: (guide: number) => `away.${guide}`,
  dropUpTo: (guide: number) => `drop_up_to.${guide}`,
  keepFrom: (guide: number) => `keep_from.${guide}`,
  baseTopP: "base_top_p",
};

/** How strongly each label of a guide steers, in the order of its labels. */
export interface LabelStrengths {
  readonly towards: Float32Array;
  readonly away: Float32Array;
}

/** What ways to steer by a model come to; a label that is named twice adds up. */
export function strengthsOf(
  labels: readonly string[],
  steering: readonly Steering[],
): LabelStrengths {
  const strengths = {
    towards: new Float32Array(labels.length),
    away: new Float32Array(labels.length),
  };
  for (const { label, beta = defaultBeta, inverse } of steering) {
    strengths[inverse ? "away" : "towards"][labels.indexOf(label)] += beta;
  }
  return strengths;
}

/**
 * Feeds of a graph that was built with `guide` for rows with strengths of their own.
 *
 * @param rows the strengths of every row, guide by guide.
 */
export function rowGuidanceFeeds(
  { guides }: GuidanceShape,
  rows: readonly (readonly LabelStrengths[])[],
): Record<string, Value> {
  return Object.fromEntries(guides.flatMap(({ labels }, i) => {
    const of = (side: keyof LabelStrengths) => {
      const all = new Float32Array(rows.length * labels);
      rows.forEach((strengths, row) => all.set(strengths[i][side], row * labels));
      return floats([rows.length, labels], all);
    };
    return [[guidanceNames.towards(i), of("towards")], [guidanceNames.away(i), of("away")]];
  }));
}

/** Feeds of a graph that was built with `guide`. */
export function guidanceFeeds(
  guides: readonly {
    readonly labels: readonly string[];
    readonly steering: readonly Steering[];
    readonly filter?: ClassFilter;
  }[],
  baseTopP?: number,
): Record<string, Value> {
  const feeds: Record<string, Value> = {};
  const one = (value: number) => floats([], Float32Array.of(value));
  guides.forEach(({ labels, steering, filter }, i) => {
    const strengths = strengthsOf(labels, steering);
    feeds[guidanceNames.towards(i)] = floats([labels.length], strengths.towards);
    feeds[guidanceNames.away(i)] = floats([labels.length], strengths.away);
    if (filter) {
      feeds[guidanceNames.dropUpTo(i)] = one(filter.dropUpTo);
      feeds[guidanceNames.keepFrom(i)] = one(filter.keepFrom);
    }
  });
  if (baseTopP !== undefined) feeds[guidanceNames.baseTopP] = one(baseTopP);
  return feeds;
}

/**
 * The guided step before sampling. Equation (1) and its relatives: what the scores of each guide add to the logits
 * by its rule; several guides and labels add up. Around it, where asked for: the nucleus of the base model's logits
 * (DExperts), and the filter by class (GeDi).
 *
 * @param logits of the base model: of the candidates `[batch, k]`, or of the whole vocabulary `[batch, vocab]`.
 * @param candidates what the logits are of, int64 `[batch, k]`; absent with the whole vocabulary.
 * @param scores of every guide, `[batch, labels, k]` or `[batch, labels, vocab]`, and behind them those of the formula's models.
 */
export function guide(
  { guides, wholeVocabulary, baseNucleus, formula, perRow = false }: GuidanceShape,
  logits: Float,
  candidates: Tensor<"int64"> | undefined,
  scores: readonly Float[],
): Guided {
  const one = (name: string) => input(name, "float32", []);
  const rows = perRow ? ["batch"] : [];
  const strengths = guides.map(({ labels }, i): Strengths => ({
    towards: input(guidanceNames.towards(i), "float32", [...rows, labels]),
    away: input(guidanceNames.away(i), "float32", [...rows, labels]),
  }));
  const cut = baseNucleus ? nucleus(logits, one(guidanceNames.baseTopP)) : logits;
  const kept = formula ? together(formula, logits, cut, scores.slice(guides.length)) : cut;
  const added = guides.map(({ rule }, i) => addedBy(rule, scores[i], strengths[i], kept));
  const constants = added.flatMap(({ constant }) => constant ?? []);
  // what all tokens get alike is left for last, when few are left
  const withConstants = (x: Float) => constants.reduce((a, b) => add(a, b), x);
  let guided = added.reduce((sum, { varying }) => add(sum, varying), kept);
  guides.forEach(({ filters }, i) => {
    if (!filters) return;
    guided = filterByClass(
      guided,
      logDesired(scores[i], strengths[i]),
      one(guidanceNames.dropUpTo(i)),
      one(guidanceNames.keepFrom(i)),
    );
  });
  if (!wholeVocabulary) {
    return { candidates: candidates!, logits, scores, guided: withConstants(guided) };
  }
  const [top, ids] = topK(guided, "$k");
  return {
    candidates: ids,
    logits: gatherLast(logits, ids),
    scores: scores.map((all) => ofCandidates(all, ids)),
    guided: withConstants(top),
  };
}

/**
 * What the base model and others are put together to, `[batch, k]`: −∞ where the base has none.
 *
 * @param cut the base model's logits, −∞ for the tokens that are not to be taken.
 * @param scores of the formula's models, `[batch, 1, k]`.
 */
function together(
  { of, normalizes }: FormulaShape,
  logits: Float,
  cut: Float,
  scores: readonly Float[],
): Float {
  const [base, ...others] = [logits, ...scores.map((own) => reshape(own, logits.shape))]
    .map((own) => normalizes ? sub(own, logSumExp(own)) : own);
  const value = formulaLogits(of, (place) => place < 0 ? base : others[place]);
  // what the base rules out stays out, whatever its weight is
  return where(greaterOrEqual(cut, lowest), value, -Infinity);
}

/** Just above −∞. */
const lowest = scalar("float32", -3e38);

/** log P of the class that a guide of one label steers towards: scores `[batch, 1, k]` → `[batch, k]`. */
function logDesired(scores: Float, { towards, away }: Strengths): Float {
  const { yes, no } = logProbabilities(scores);
  const [batch, , k] = scores.shape;
  return reshape(where(greaterOrEqual(towards, away), yes, no), [batch, k]);
}

/**
 * Of scores of the whole vocabulary those of the candidates: `[batch, labels, vocab]` → `[batch, labels, k]`. Label by label, so that
 * ids need not be repeated: WebGPU has no op for that.
 */
function ofCandidates(scores: Float, ids: Tensor<"int64">): Float {
  const [batch, labels, vocabulary] = scores.shape;
  const own = Array.from({ length: Number(labels) }, (_, label) => {
    const all = reshape(slice(scores, 1, label, label + 1), [batch, vocabulary]);
    return unsqueeze(gatherLast(all, ids), [1]);
  });
  return concat(own, 1);
}
