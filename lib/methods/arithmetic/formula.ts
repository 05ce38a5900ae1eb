/**
 * Formulas of language models (Dekoninck et al., 2023, "Controlled Text Generation via Language Model Arithmetic"): weighted
 * sums of the log-probabilities that several models, or one model after several texts, give the next token, their union
 * and their intersection. A formula is a value; `openFormula` opens the models that it names.
 *
 * @module
 */

/** A formula over models of which nothing is known but what a leaf says. */
export type Expression<Leaf> =
  | { readonly kind: "leaf"; readonly leaf: Leaf }
  | { readonly kind: "sum"; readonly terms: readonly Weighted<Leaf>[] }
  | {
    readonly kind: "union" | "intersection";
    readonly of: readonly [Expression<Leaf>, Expression<Leaf>];
  }
  | {
    readonly kind: "likely";
    readonly of: Expression<Leaf>;
    /** What tokens have to be likely by. */
    readonly by: Expression<Leaf>;
    readonly share: number;
  };

/** A term of a sum: λ and what it weighs. */
export type Weighted<Leaf> = readonly [weight: number, of: Expression<Leaf>];

/** A language model of a formula. */
export interface NamedModel {
  /** Its folder, or whatever else `openBase` opens; absent: the base model itself. */
  readonly model?: string;
  /** A text that it reads before the prompt. Default: none. */
  readonly prefix?: string;
}

/** A formula over models by their names. */
export type Formula = Expression<NamedModel>;

/** The base model: as it is, or after a text that stands before the prompt. */
export function baseTerm(prefix?: string): Formula {
  return { kind: "leaf", leaf: prefix === undefined ? {} : { prefix } };
}

/** Another language model, with the base's tokenizer. @param prefix a text that it reads before the prompt. */
export function modelTerm(model: string, prefix?: string): Formula {
  return { kind: "leaf", leaf: prefix === undefined ? { model } : { model, prefix } };
}

/** Σ λᵢ log Qᵢ. Over the sum of the weights, where that is not 0, it is the logits of what minimizes Σ λᵢ KL(P ‖ Qᵢ). */
export function sumOf(...terms: readonly Weighted<NamedModel>[]): Formula {
  return { kind: "sum", terms };
}

/** max(log Q₁, log Q₂): what either of the two finds likely. */
export function unionOf(one: Formula, other: Formula): Formula {
  return { kind: "union", of: [one, other] };
}

/** min(log Q₁, log Q₂): what both find likely. */
export function intersectionOf(one: Formula, other: Formula): Formula {
  return { kind: "intersection", of: [one, other] };
}

/** `of`, for tokens that are at least `share` times as probable as the likeliest `by` another formula; nothing for others. */
export function likelyBy(of: Formula, by: Formula, share: number): Formula {
  return { kind: "likely", of, by, share };
}

/** What a formula is made of, once each, in the order in which they stand in it. */
export function leavesOf<Leaf>(formula: Expression<Leaf>): Leaf[] {
  switch (formula.kind) {
    case "leaf":
      return [formula.leaf];
    case "sum":
      return formula.terms.flatMap(([, of]) => leavesOf(of));
    case "likely":
      return [...leavesOf(formula.of), ...leavesOf(formula.by)];
    default:
      return formula.of.flatMap(leavesOf);
  }
}

/** The same formula over other leaves. */
export function withLeaves<Leaf, Other>(
  formula: Expression<Leaf>,
  change: (leaf: Leaf) => Other,
): Expression<Other> {
  const changed = (of: Expression<Leaf>) => withLeaves(of, change);
  switch (formula.kind) {
    case "leaf":
      return { kind: "leaf", leaf: change(formula.leaf) };
    case "sum":
      return { kind: "sum", terms: formula.terms.map(([weight, of]) => [weight, changed(of)]) };
    case "likely":
      return { ...formula, of: changed(formula.of), by: changed(formula.by) };
    default:
      return { ...formula, of: [changed(formula.of[0]), changed(formula.of[1])] };
  }
}

/** Whether the leaf is the base model as it is. */
export function isBase({ model, prefix }: NamedModel): boolean {
  return model === undefined && prefix === undefined;
}

/**
 * Whether a formula has to know the logits of all tokens: union and intersection compare probabilities, not logits; sums and
 * what is likely by the base do not.
 */
export function needsAllTokens(formula: Formula): boolean {
  switch (formula.kind) {
    case "leaf":
      return false;
    case "sum":
      return formula.terms.some(([, of]) => needsAllTokens(of));
    case "likely": {
      const { of, by } = formula;
      return needsAllTokens(of) || by.kind !== "leaf" || !isBase(by.leaf);
    }
    default:
      return true;
  }
}
