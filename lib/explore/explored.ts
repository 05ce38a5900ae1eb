import type { Tokenizer } from "../data/tokenizer.ts";
import type { BaseModel } from "../decode/base_model.ts";
import type { Guide } from "../decode/generate.ts";

/** A reward model that can steer, with a name. */
export interface NamedGuide extends Omit<Guide, "filter"> {
  /** What the page calls it. */
  readonly name: string;
  /**
   * How it steers when the page begins; the page can choose otherwise. A model without is there to be chosen. Where none
   * has any, the first steers towards its first label.
   */
  readonly steering: Guide["steering"];
}

/** The models that a page explores. */
export interface Explored {
  /** Writes all texts. */
  readonly base: BaseModel;
  /** That of all the models. */
  readonly tokenizer: Tokenizer;
  /** What the page calls the base model. */
  readonly baseName: string;
  /** What can steer it. Without any, the page shows what the base model writes by itself. */
  readonly guides: readonly NamedGuide[];
}
