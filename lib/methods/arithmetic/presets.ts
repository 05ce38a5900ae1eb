import { baseTerm, type Formula, likelyBy, modelTerm, sumOf } from "./formula.ts";

/** DExperts (Liu et al., 2021): log p + β (log p⁺ − log p⁻). */
export function dexpertsFormula(expert: string, antiExpert: string, beta = 1): Formula {
  const difference = sumOf([1, modelTerm(expert)], [-1, modelTerm(antiExpert)]);
  return sumOf([1, baseTerm()], [beta, difference]);
}

/** Proxy tuning (Liu et al., 2024): what tuning did to a small model, added to a large one. */
export function proxyTuningFormula(tuned: string, untuned: string): Formula {
  return dexpertsFormula(tuned, untuned);
}

/**
 * Contrastive decoding (Li et al., 2023): log p − log p of an amateur, among tokens that are at least `share` times as probable
 * as the likeliest.
 */
export function contrastiveFormula(amateur: string, share = 0.1): Formula {
  return likelyBy(sumOf([1, baseTerm()], [-1, modelTerm(amateur)]), baseTerm(), share);
}

/**
 * Classifier-free guidance (Sanchez et al., 2023): γ times as far from what the base writes to what it writes after a text
 * that stands before the prompt.
 */
export function classifierFreeFormula(prefix: string, gamma = 1.5): Formula {
  const towards = sumOf([1, baseTerm(prefix)], [-1, baseTerm()]);
  return sumOf([1, baseTerm()], [gamma, towards]);
}

/** A formula that has a name. */
export interface Preset {
  /** What it takes, in words. */
  readonly takes: string;
  /** How many texts it takes; a number may follow them. */
  readonly texts: number;
  readonly of: (texts: readonly string[], number?: number) => Formula;
}

/** Formulas that have names, by what they are called in a formula's text. */
export const presets: Readonly<Record<string, Preset>> = {
  dexperts: {
    takes: 'two models and, if other than 1, β: dexperts("expert", "anti-expert", 2)',
    texts: 2,
    of: ([expert, other], beta) => dexpertsFormula(expert, other, beta),
  },
  proxy: {
    takes: 'a tuned model and the same untuned: proxy("tuned", "untuned")',
    texts: 2,
    of: ([tuned, untuned]) => proxyTuningFormula(tuned, untuned),
  },
  contrast: {
    takes: 'a weaker model and, if other than 0.1, a share: contrast("amateur", 0.1)',
    texts: 1,
    of: ([amateur], share) => contrastiveFormula(amateur, share),
  },
  cfg: {
    takes: 'a text and, if other than 1.5, γ: cfg("A cheerful review. ", 2)',
    texts: 1,
    of: ([prefix], gamma) => classifierFreeFormula(prefix, gamma),
  },
};
