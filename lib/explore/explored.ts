import type { Tokenizer } from "../data/tokenizer.ts";
import type { BaseModel } from "../bases/base_model.ts";
import type { SettledOptions } from "../options/option.ts";
import type { serveExplorerOptions } from "./serve_explorer_options.ts";

/** The models that a page explores, and what they are called. */
export interface Explored extends
  Pick<
    SettledOptions<typeof serveExplorerOptions>,
    "guides" | "baseName" | "chat" | "rewardsRead"
  > {
  /** Writes all texts. */
  readonly base: BaseModel;
  /** That of all the models. */
  readonly tokenizer: Tokenizer;
}
