import type { Tokenizer } from "../data/tokenizer.ts";
import type { BaseModel } from "../decode/base_model.ts";
import type { Guide } from "../decode/generate.ts";

/** A reward model that steers, with a name. */
export interface NamedGuide extends Omit<Guide, "filter"> {
  /** What the page calls it. */
  readonly name: string;
}

/** The models that a page explores. */
export interface Explored {
  /** Writes both texts. */
  readonly base: BaseModel;
  /** That of all the models. */
  readonly tokenizer: Tokenizer;
  /** What the page calls the base model. */
  readonly baseName: string;
  /** What steers one of them; every label that steers has a β of its own to move. */
  readonly guides: readonly NamedGuide[];
  /** The prompt that the page begins with. Default "the film was". */
  readonly prompt?: string;
}

/** Most tokens that prompt and continuation may have together. */
export function longestText({ base, guides }: Explored): number {
  return Math.min(base.longestText, ...guides.map(({ model }) => model.longestText));
}
