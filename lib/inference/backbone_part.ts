import { minus } from "../graph/dim.ts";
import { reshape, slice } from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Backbone } from "../models/backbone.ts";
import type { CacheShape, StepInputs } from "./part.ts";

type Float = Tensor<"float32">;

/** The caches of a backbone, one a block. */
export function cachesOf({ blocks }: Backbone): CacheShape[] {
  return blocks.map(({ keyHeads, size }) => ({ heads: keyHeads, size }));
}

/** The hidden states at the last token that a step reads: `[batch·time, d]` → `[batch, d]`. */
export function atLastToken(hidden: Float, { ids }: Pick<StepInputs, "ids">): Float {
  const [batch, time] = ids.shape;
  const width = hidden.shape[1];
  const last = slice(reshape(hidden, [batch, time, width]), 1, minus(time, 1), time);
  return reshape(last, [batch, width]);
}
