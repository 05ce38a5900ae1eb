import type { BaseModel } from "../bases/base_model.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import type { SettledOptions } from "../options/option.ts";
import type { ServedGuide, serveModelOptions } from "./serve_model_options.ts";

/** What is served, and the limits of a request. */
export interface Served extends
  Pick<
    SettledOptions<typeof serveModelOptions>,
    "baseName" | "rewardsRead" | "topK" | "maxTexts" | "maxPromptTokens" | "maxNewTokens"
  > {
  readonly base: BaseModel;
  readonly tokenizer: Tokenizer;
  readonly guides: readonly ServedGuide[];
}

/** Longest text that all the models can read, in tokens, without what each begins a text with. */
export function longestTextOf({ base, guides }: Pick<Served, "base" | "guides">): number {
  // one that stands on the base model's trunk reads no more than that
  const own = guides.filter(({ model }) => !model.trunk);
  return Math.min(base.longestText, ...own.map(({ model }) => model.longestText));
}

/** Tokens that the base model reads before a prompt of its own accord. */
export function tokensBefore(base: BaseModel): number {
  return base.begin([0]).length - 1;
}
