import { type Dim, plus } from "../graph/dim.ts";
import {
  add,
  cast,
  clip,
  concat,
  greaterOrEqual,
  mul,
  reduceSum,
  reshape,
  slice,
  softmax,
  sub,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import { constant, scalar, type Tensor } from "../graph/tensor.ts";
import { attentionScores, hiddenFromView, mixedValues } from "./attention.ts";
import type { Backbone, BlockAttention, LayerCache } from "./backbone.ts";
import type { Parameters } from "./parameters.ts";
import { places } from "./places.ts";

type Float = Tensor<"float32">;

/** Columns of a buffer that is written between runs and never copied. */
export interface Settled {
  /** Keys and values of every block, `[batch, heads, room, size]`: the first `length` columns are filled. */
  readonly layers: readonly LayerCache[];
  /** How many columns are filled, int64 `[1]`, or `[batch]` where that differs from row to row. */
  readonly length: Tensor<"int64">;
}

/** What was read before the tokens of a step: settled columns, then fresh ones; either may be absent. */
export interface Past {
  readonly settled?: Settled;
  /** Keys and values that grow from step to step, `[batch, heads, fresh, size]`. */
  readonly fresh?: readonly LayerCache[];
  /** Columns of padding before each text, int64 `[batch]`: they are out of sight and not counted by positions. */
  readonly padding: Tensor<"int64">;
}

export interface StepOptions {
  /** Every token sees the past and itself only, not its neighbours: candidates for one place. Default false. */
  alone?: boolean;
}

export interface StepOutputs {
  /** Hidden states after the final layer norm, tokens as rows: `[batch·time, d]`. */
  readonly hidden: Float;
  /** Keys and values of the fresh columns and these tokens, `[batch, heads, fresh+time, size]`; of lone tokens, only theirs. */
  readonly fresh: readonly LayerCache[];
}

/**
 * Reads tokens `[batch, time]` after a past, as `forward` would read the whole texts. Attention is one softmax over
 * stretches of columns that stay where they are: softmax([q K₁ᵀ, q K₂ᵀ, …]) is split again, and each part meets its
 * own values.
 */
export function forwardStep(
  backbone: Backbone,
  parameters: Parameters,
  ids: Tensor<"int64">,
  past: Past,
  { alone = false }: StepOptions = {},
): StepOutputs {
  const view = viewOf(backbone, ids.shape[1], past, alone);
  const fresh: LayerCache[] = [];
  const hidden = backbone.hidden(parameters, ids, view.positions, (i, query, own) => {
    const block = backbone.blocks[i];
    const before = past.fresh?.[i];
    const stretches: Stretch[] = [];
    if (past.settled) {
      stretches.push(seen(block, query, past.settled.layers[i], view.settled(block)));
    }
    if (alone) {
      if (before) stretches.push(seen(block, query, before, view.fresh(block)));
      stretches.push(itself(block, query, own));
      fresh.push(own);
    } else {
      const known = before
        ? { key: concat([before.key, own.key], 2), value: concat([before.value, own.value], 2) }
        : own;
      stretches.push(seen(block, query, known, view.fresh(block)));
      fresh.push(known);
    }
    return mix(stretches);
  });
  return { hidden, fresh };
}

/** Some of the columns that a query sees. */
interface Stretch {
  /** `[batch, heads, time, columns]`. */
  readonly scores: Float;
  /** What softmax's weights for these columns, of the shape of `scores`, add to the result. */
  readonly mixed: (weights: Float) => Float;
}

function seen(
  block: BlockAttention,
  query: Float,
  { key, value }: LayerCache,
  bias: Float,
): Stretch {
  return {
    scores: add(attentionScores(block, query, key), bias),
    mixed: (weights) => mixedValues(block, weights, value),
  };
}

/** Every token's own column, where the others of the step are out of its sight. */
function itself(block: BlockAttention, query: Float, { key, value }: LayerCache): Stretch {
  return {
    scores: mul(reduceSum(timesKeyHeads(block, query, key), [3], { keep: true }), block.scale),
    mixed: (weights) => timesKeyHeads(block, weights, value),
  };
}

/** Products of `[batch, heads, time, …]` with the same places of `[batch, keyHeads, time, size]`. */
function timesKeyHeads({ heads, keyHeads }: BlockAttention, x: Float, y: Float): Float {
  if (heads === keyHeads) return mul(x, y);
  const [batch, , time, size] = y.shape;
  const grouped = reshape(x, [batch, keyHeads, heads / keyHeads, time, x.shape[3]]);
  return reshape(mul(grouped, unsqueeze(y, [2])), [batch, heads, time, size]);
}

function mix(stretches: readonly Stretch[]): Float {
  const weights = softmax(concat(stretches.map(({ scores }) => scores), 3));
  let start: Dim = 0;
  return stretches.map(({ scores, mixed }) => {
    const end = plus(start, scores.shape[3]);
    const part = mixed(slice(weights, 3, start, end));
    start = end;
    return part;
  }).reduce((a, b) => add(a, b));
}

/** What the tokens of a step see, and where they stand. */
interface View {
  /** Added to the scores of the settled columns, `[batch, 1, 1, room]`, or `[batch, 1, time, room]` within a window. */
  settled(block: BlockAttention): Float;
  /** Added to the scores of the columns after those, `[batch, 1, time, fresh+time]`; of lone tokens, `[batch, 1, 1, fresh]`. */
  fresh(block: BlockAttention): Float;
  /** `[batch, time]`, or `[batch, 1]` where all tokens stand at one place. */
  readonly positions: Tensor<"int64">;
}

function viewOf(
  { context }: Backbone,
  time: Dim,
  { settled, fresh, padding }: Past,
  alone: boolean,
): View {
  // columns are made 16 at a time, and padding may stand before the longest text
  const columns = places(2 * context + 16);
  const upTo = (end: Dim) => unsqueeze(slice(columns, 0, 0, end), [0]);
  const empty = unsqueeze(cast(padding, "float32"), [1]);
  const filled = settled ? unsqueeze(cast(settled.length, "float32"), [1]) : undefined;
  const fromFilled = (columns: Float) => filled ? add(columns, filled) : columns;
  const shown = constant("float32", [], [0]);
  const hidden = constant("float32", [], [hiddenFromView]);
  const unlessEmpty = (columns: Float) => where(greaterOrEqual(columns, empty), shown, hidden);

  const before = fresh?.[0].key.shape[2] ?? 0;
  const all = plus(before, time);
  const own = slice(columns, 0, before, all);
  /** The columns of the queries, `[1, time]` or `[batch, time]`. */
  const queries = fromFilled(alone ? lengthOf(before, columns) : unsqueeze(own, [0]));
  /** Hides what is too long before a query: bias `[batch, 1, … , columns]` of the columns `[1, columns]`. */
  const withinWindow = (bias: Float, columns: Float, { window }: BlockAttention): Float => {
    if (window === undefined) return bias;
    const distance = sub(unsqueeze(queries, [2]), unsqueeze(columns, [1]));
    return where(unsqueeze(greaterOrEqual(distance, scalar("float32", window)), [1]), hidden, bias);
  };

  const seenSettled = (block: BlockAttention): Float => {
    const columns = upTo(settled!.layers[0].key.shape[2]);
    const bias = where(greaterOrEqual(columns, filled!), hidden, unlessEmpty(columns));
    return withinWindow(unsqueeze(bias, [1, 2]), columns, block);
  };
  const seenFresh = (block: BlockAttention): Float => {
    const columns = fromFilled(upTo(alone ? before : all));
    const real = unsqueeze(unlessEmpty(columns), [1, 2]);
    const bias = alone ? real : where(greaterOrEqual(unsqueeze(own, [1]), upTo(all)), real, hidden);
    return withinWindow(bias, columns, block);
  };
  return {
    settled: onceAWindow(seenSettled),
    fresh: onceAWindow(seenFresh),
    positions: cast(clip(sub(queries, empty), 0, context - 1), "int64"),
  };
}

/** Blocks with the same window see the same. */
function onceAWindow(see: (block: BlockAttention) => Float): (block: BlockAttention) => Float {
  const known = new Map<number | undefined, Float>();
  return (block) => {
    const seen = known.get(block.window) ?? see(block);
    known.set(block.window, seen);
    return seen;
  };
}

/** An extent as a number that graphs compute with, `[1, 1]`. */
function lengthOf(extent: Dim, columns: Float): Float {
  return extent === 0
    ? constant("float32", [1, 1], [0])
    : unsqueeze(slice(columns, 0, extent, plus(extent, 1)), [0]);
}
