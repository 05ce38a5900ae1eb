/** How much the pretrained profile does within a budget. */
export interface PretrainedSizes {
  /** Texts that the reward models of each task learn from, at most. */
  readonly texts: { readonly sentiment: number; readonly toxicity: number };
  /** Texts that each judge of a task learns from, at most. */
  readonly judgeTexts: number;
  /** Sets of prompts for sentiment. */
  readonly sets: readonly ("negative" | "neutral")[];
  /** Prompts of each set, and of those for toxicity. */
  readonly prompts: number;
  readonly samples: number;
  /** How many strengths RAD and the ARMs have, and how many GeDi, DExperts and FUDGE, which may be left out. */
  readonly strengths: { readonly compared: number; readonly others: number };
  /** Steps of 16 texts that adapters train for, in GeDi and in each model of DExperts. */
  readonly adapterSteps: number;
}

/** What the whole of it takes on 2 cores, in minutes, for all experiments. */
export const pretrainedBudget = 90;

/**
 * What fits a budget. Everything shrinks with it; below two thirds of the whole, neutral prompts are left out and half of the strengths of
 * GeDi, DExperts and FUDGE; below two fifths these themselves, and one strength of the others; below a tenth a further one, and half of the
 * continuations.
 *
 * @param budget minutes.
 */
export function pretrainedSizes(budget: number): PretrainedSizes {
  const share = Math.min(1, budget / pretrainedBudget);
  const isWhole = share >= 2 / 3;
  const isLarge = share >= 2 / 5;
  const isShort = share < 1 / 10;
  const some = (count: number, least: number) => Math.max(least, Math.round(share * count));
  return {
    texts: {
      sentiment: some(isWhole ? 8000 : 10_000, 300),
      toxicity: some(isWhole ? 2500 : 3500, 200),
    },
    judgeTexts: some(14_000, 1000),
    sets: isWhole ? ["negative", "neutral"] : ["negative"],
    prompts: some(isWhole ? 20 : 30, 3),
    samples: isShort ? 5 : 10,
    strengths: {
      compared: isShort ? 2 : isLarge ? 4 : 3,
      others: isWhole ? 4 : isLarge ? 2 : 0,
    },
    adapterSteps: some(60, 1),
  };
}

/** The middle ones of a list, as many as are wanted. */
export function middle<Item>(items: readonly Item[], count: number): Item[] {
  const from = Math.max(0, Math.floor((items.length - count) / 2));
  return items.slice(from, from + count);
}
