/**
 * A way to control text that is no reward model with a kind of its own: whole texts that are chosen from, a formula of several
 * models, gradients through the base model, a language model that was trained itself.
 */
export interface Way {
  /** What the list and its page in docs/methods call it, such as `"best-of-n"`. */
  readonly kind: string;
  /** What people call it. */
  readonly title: string;
  /** The same, short. Default: the title. */
  readonly name?: string;
  /** What it does to the next token's logits z or to texts, in one line of plain text. */
  readonly formula: string;
  /** Who published it: authors, title, year. */
  readonly source: string;
  /** What it learns from, such as `"labels"`, or `"nothing of its own"`. */
  readonly learnsFrom: string;
  /**
   * Tokens that go through backbones beside the base model's for one token of one text, in words: a number, `k`, or a formula such
   * as `"n"`. Those of a base model that stands in the base's place are not beside it.
   */
  readonly callsAStep: string;
  /** The command that trains it, or steers with it, without what every command takes. */
  readonly command: string;
}
