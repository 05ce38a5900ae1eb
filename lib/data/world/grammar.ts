/**
 * How often an alternative is taken: a number, or a factor for each trait that changes it. Factors
 * of a class's traits multiply: `{ positive: 4, rude: 0.5 }` is 2 for a class that is both, 4 for
 * one that is positive only, 1 for one that is neither.
 */
export type Weight = number | Readonly<Record<string, number>>;

/**
 * One way to write a rule: a weight, relative to the other alternatives, and a template.
 *
 * A template is words and references separated by blanks. A reference `<adjective>` is replaced by
 * the rule or word list of that name. Names may hold variables: in `<$domain noun>`, `$domain` is
 * replaced by its value, `$!tone` by the opposite of the variable `tone`. A reference sets variables
 * for everything inside it: `<clause tone=$!tone>`.
 */
export type Alternative = readonly [weight: Weight, template: string];

/** A latent class of texts, such as "positive and rude". */
export interface LatentClass {
  /** The share of texts that belong to the class; over all classes they sum to 1. */
  readonly prior: number;
  /** The names by which weights refer to the class. */
  readonly traits: readonly string[];
}

/**
 * A probabilistic grammar without recursion whose weights depend on a latent class. Every rule ends
 * where the text that follows it begins, so it is a right-linear grammar written in short.
 */
export interface Grammar {
  readonly classes: readonly LatentClass[];
  /** The rule that writes a whole text. */
  readonly start: string;
  readonly rules: Readonly<Record<string, readonly Alternative[]>>;
  /** Lists of words, most frequent first: the word of rank r = 0, 1, … has the weight 1 / (r + 2). */
  readonly lexicon: Readonly<Record<string, string>>;
  /** What `$!variable` stands for, by the variable's value. */
  readonly opposites?: Readonly<Record<string, string>>;
}
