import { minus } from "../graph/dim.ts";
import { reshape, slice } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Gpt2Config } from "../nn/gpt2_config.ts";
import type { CacheShape, StepInputs } from "./part.ts";

type Float = Tensor<"float32">;

/** The caches of a GPT-2, one a block. */
export function gpt2Caches({ layers, heads, width }: Gpt2Config): CacheShape[] {
  return Array.from({ length: layers }, () => ({ heads, size: width / heads }));
}

/** The hidden states at the last token that a step reads: `[batch·time, d]` → `[batch, d]`. */
export function atLastToken(hidden: Float, { ids }: Pick<StepInputs, "ids">): Float {
  const [batch, time] = ids.shape;
  const width = hidden.shape[1];
  const last = slice(reshape(hidden, [batch, time, width]), 1, minus(time, 1), time);
  return reshape(last, [batch, width]);
}
