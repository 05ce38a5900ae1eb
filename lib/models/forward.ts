import { plus } from "../graph/dim.ts";
import {
  add,
  concat,
  greaterOrEqual,
  mul,
  slice,
  softmax,
  sub,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import { scalar, type Tensor } from "../graph/tensor.ts";
import { attentionScores, hiddenFromView, mixedValues } from "./attention.ts";
import type { Backbone, BlockAttention, LayerCache } from "./backbone.ts";
import type { Parameters } from "./parameters.ts";
import { places } from "./places.ts";

type Float = Tensor<"float32">;

export interface ForwardInputs {
  /** Token ids, `[batch, time]`. */
  readonly ids: Tensor<"int64">;
  /** 1 where a token may be attended to, 0 where it is padding: `[batch, time]`, or `[batch, past+time]` with a cache. */
  readonly mask: Float;
  /** The position of each token, `[batch, time]`. Default: 0 … time − 1. */
  readonly positions?: Tensor<"int64">;
  /** Keys and values of the tokens before, one entry a block. Default: none. */
  readonly past?: readonly LayerCache[];
}

export interface ForwardOutputs {
  /** The last hidden state h after the final norm, tokens as rows: `[batch·time, d]`. */
  readonly hidden: Float;
  /** Keys and values of all tokens so far, one entry a block. */
  readonly present: readonly LayerCache[];
}

/** Reads whole texts, or what follows a past that grows. What comes out at padding is not defined. */
export function forward(
  backbone: Backbone,
  parameters: Parameters,
  { ids, mask, positions, past }: ForwardInputs,
): ForwardOutputs {
  const biases = new Map<number | undefined, Float>();
  const biasOf = ({ window }: BlockAttention): Float => {
    if (!biases.has(window)) {
      biases.set(window, attentionBias(backbone, mask, ids, past?.[0], window));
    }
    return biases.get(window)!;
  };
  const present: LayerCache[] = [];
  const hidden = backbone.hidden(parameters, ids, positions, (i, query, own) => {
    const block = backbone.blocks[i];
    const cache = past
      ? { key: concat([past[i].key, own.key], 2), value: concat([past[i].value, own.value], 2) }
      : own;
    present.push(cache);
    const weights = softmax(add(attentionScores(block, query, cache.key), biasOf(block)));
    return mixedValues(block, weights, cache.value);
  });
  return { hidden, present };
}

/** What is added to attention scores, `[batch, 1, time, past+time]`: 0 where a query sees a key, −10⁹ elsewhere. */
function attentionBias(
  { context }: Backbone,
  mask: Float,
  ids: Tensor<"int64">,
  past: LayerCache | undefined,
  window: number | undefined,
): Float {
  const [, time] = ids.shape;
  const before = past?.key.shape[2] ?? 0;
  const all = plus(before, time);
  const columns = places(context);
  const queries = unsqueeze(slice(columns, 0, before, all), [1]);
  const keys = unsqueeze(slice(columns, 0, 0, all), [0]);
  const padding = mul(sub(mask, 1), -hiddenFromView);
  const causal = where(greaterOrEqual(queries, keys), unsqueeze(padding, [1, 2]), hiddenFromView);
  if (window === undefined) return causal;
  const tooFar = greaterOrEqual(sub(queries, keys), scalar("float32", window));
  return where(tooFar, hiddenFromView, causal);
}
