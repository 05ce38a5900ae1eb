import { type Dim, plus } from "../graph/dim.ts";
import {
  add,
  cast,
  clip,
  concat,
  greaterOrEqual,
  matmul,
  mul,
  reduceSum,
  slice,
  softmax,
  sub,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import { constant, type Tensor } from "../graph/tensor.ts";
import { attentionScores, blocks, hiddenFromView, type LayerCache } from "./gpt2.ts";
import type { Gpt2Config } from "./gpt2_config.ts";
import type { Parameters } from "./parameters.ts";
import { places } from "./places.ts";

type Float = Tensor<"float32">;

/** Columns of a buffer that is written between runs and never copied. */
export interface Settled {
  /** Keys and values of every block, `[batch, heads, room, size]`: the first `length` columns are filled. */
  readonly layers: readonly LayerCache[];
  /** How many columns are filled, int64 `[1]`. */
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
 * Reads tokens `[batch, time]` after a past, as `gpt2` would read the whole texts. Attention is one softmax over
 * stretches of columns that stay where they are: softmax([q K₁ᵀ, q K₂ᵀ, …]) is split again, and each part meets its
 * own values.
 */
export function gpt2Step(
  config: Gpt2Config,
  parameters: Parameters,
  ids: Tensor<"int64">,
  past: Past,
  { alone = false }: StepOptions = {},
): StepOutputs {
  const view = viewOf(config, ids.shape[1], past, alone);
  const fresh: LayerCache[] = [];
  const hidden = blocks(config, parameters, ids, view.positions, (layer, query, own) => {
    const before = past.fresh?.[layer];
    const stretches: Stretch[] = [];
    if (past.settled) stretches.push(seen(query, past.settled.layers[layer], view.settled!));
    if (alone) {
      if (before) stretches.push(seen(query, before, view.fresh!));
      stretches.push(itself(query, own));
      fresh.push(own);
    } else {
      const known = before
        ? { key: concat([before.key, own.key], 2), value: concat([before.value, own.value], 2) }
        : own;
      stretches.push(seen(query, known, view.fresh!));
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

function seen(query: Float, { key, value }: LayerCache, bias: Float): Stretch {
  return {
    scores: add(attentionScores(query, key), bias),
    mixed: (weights) => matmul(weights, value),
  };
}

/** Every token's own column, where the others of the step are out of its sight. */
function itself(query: Float, { key, value }: LayerCache): Stretch {
  const scale = 1 / Math.sqrt(Number(query.shape[3]));
  return {
    scores: mul(reduceSum(mul(query, key), [3], { keep: true }), scale),
    mixed: (weights) => mul(weights, value),
  };
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
  /** Added to the scores of the settled columns, `[batch, 1, 1, room]`. */
  readonly settled?: Float;
  /** Added to the scores of the columns after those, `[batch, 1, time, fresh+time]`; of lone tokens, `[batch, 1, 1, fresh]`. */
  readonly fresh?: Float;
  /** `[batch, time]`, or `[batch, 1]` where all tokens stand at one place. */
  readonly positions: Tensor<"int64">;
}

function viewOf(
  { positions: most }: Gpt2Config,
  time: Dim,
  { settled, fresh, padding }: Past,
  alone: boolean,
): View {
  // columns are made 16 at a time, and padding may stand before the longest text
  const columns = places(2 * most + 16);
  const upTo = (end: Dim) => unsqueeze(slice(columns, 0, 0, end), [0]);
  const empty = unsqueeze(cast(padding, "float32"), [1]);
  const filled = settled ? unsqueeze(cast(settled.length, "float32"), [0]) : undefined;
  const fromFilled = (columns: Float) => filled ? add(columns, filled) : columns;
  const shown = constant("float32", [], [0]);
  const hidden = constant("float32", [], [hiddenFromView]);
  const unlessEmpty = (columns: Float) => where(greaterOrEqual(columns, empty), shown, hidden);
  const position = (columns: Float) => cast(clip(sub(columns, empty), 0, most - 1), "int64");

  const view: { settled?: Float } = {};
  if (settled) {
    const all = upTo(settled.layers[0].key.shape[2]);
    const bias = where(greaterOrEqual(all, filled!), hidden, unlessEmpty(all));
    view.settled = unsqueeze(bias, [1, 2]);
  }
  const before = fresh?.[0].key.shape[2] ?? 0;
  if (alone) {
    const here = add(fromFilled(constant("float32", [1, 1], [0])), lengthOf(before, columns));
    const bias = fresh && unsqueeze(unlessEmpty(fromFilled(upTo(before))), [1, 2]);
    return { ...view, fresh: bias, positions: position(here) };
  }
  const all = plus(before, time);
  const queries = slice(columns, 0, before, all);
  const causal = greaterOrEqual(unsqueeze(queries, [1]), upTo(all));
  const real = unsqueeze(unlessEmpty(fromFilled(upTo(all))), [1, 2]);
  return {
    ...view,
    fresh: where(causal, real, hidden),
    positions: position(fromFilled(unsqueeze(queries, [0]))),
  };
}

/** An extent as a number that graphs compute with, `[1, 1]`. */
function lengthOf(extent: Dim, columns: Float): Float {
  return extent === 0
    ? constant("float32", [1, 1], [0])
    : unsqueeze(slice(columns, 0, extent, plus(extent, 1)), [0]);
}
