import type { Backbone } from "./backbone.ts";
import { gpt2Backbone, type Gpt2Sizes } from "./gpt2.ts";

/** The sizes of a model that is trained from scratch. */
export type NewSizes = Gpt2Sizes;

/** The backbone of a language model that is trained from scratch: a GPT-2. */
export function newBackbone(sizes: NewSizes): Backbone {
  return gpt2Backbone(sizes);
}
