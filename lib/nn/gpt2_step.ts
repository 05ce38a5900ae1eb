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

type Float = Tensor<"float32">;

/**
 * What was read before the tokens of a step, in two stretches: a buffer that is written in place between runs, and
 * columns that grow inside one run. So the long stretch is never copied.
 */
export interface Past {
  /** Keys and values of every block, `[batch, heads, room, size]`: the first `length` columns are filled. */
  readonly settled: readonly LayerCache[];
  /** How many columns of `settled` are filled, int64 `[1]`. */
  readonly length: Tensor<"int64">;
  /** The columns after those, `[batch, heads, fresh, size]`; absent: none. */
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
  /** Keys and values of the fresh columns and these tokens; where they are alone, of the tokens: `[batch, heads, time, size]`. */
  readonly fresh: readonly LayerCache[];
}

/** Reads tokens `[batch, time]` after a past, as `gpt2` would read the whole texts. */
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
    const settled = past.settled[layer];
    const before = past.fresh?.[layer];
    const known = before && !alone
      ? { key: concat([before.key, own.key], 2), value: concat([before.value, own.value], 2) }
      : own;
    fresh.push(known);
    const far = add(attentionScores(query, settled.key), view.settled);
    const size = Number(query.shape[3]);
    const near = alone
      ? mul(reduceSum(mul(query, known.key), [3], { keep: true }), 1 / Math.sqrt(size))
      : add(attentionScores(query, known.key), view.fresh!);
    const room = settled.key.shape[2];
    const weights = softmax(concat([far, near], 3));
    const farMixed = matmul(slice(weights, 3, 0, room), settled.value);
    const nearWeights = slice(weights, 3, room, plus(room, near.shape[3]));
    const nearMixed = alone ? mul(nearWeights, known.value) : matmul(nearWeights, known.value);
    return add(farMixed, nearMixed);
  });
  return { hidden, fresh };
}

/** What the tokens of a step see, and where they stand. */
interface View {
  /** Added to the scores of the settled columns, `[batch, 1, 1, room]`. */
  readonly settled: Float;
  /** Added to the scores of the fresh columns and the tokens themselves, `[batch, 1, time, fresh+time]`. */
  readonly fresh?: Float;
  /** `[batch, time]`. */
  readonly positions: Tensor<"int64">;
}

function viewOf(
  { positions: longest }: Gpt2Config,
  time: Dim,
  { settled, length, fresh, padding }: Past,
  alone: boolean,
): View {
  const room = settled[0].key.shape[2];
  const before = fresh?.[0].key.shape[2] ?? 0;
  const places = constant(
    "float32",
    [2 * longest],
    Float32Array.from({ length: 2 * longest }, (_, i) => i),
  );
  const filled = cast(length, "float32");
  const empty = unsqueeze(cast(padding, "float32"), [1]);
  const seen = (condition: Tensor<"bool">) =>
    where<"float32">(condition, 0, constant("float32", [], [hiddenFromView]));

  const columns = unsqueeze(slice(places, 0, 0, room), [0]);
  const real = where(
    greaterOrEqual(columns, filled),
    hiddenFromView,
    seen(greaterOrEqual(columns, empty)),
  );
  const view = { settled: unsqueeze(real, [1, 2]) };
  if (alone) {
    const here = clip(sub(unsqueeze(filled, [0]), empty), 0, longest);
    const zeros = mul(unsqueeze(slice(places, 0, 0, time), [0]), 0);
    return { ...view, positions: cast(add(here, zeros), "int64") };
  }
  const all = plus(before, time);
  const queries = slice(places, 0, before, all);
  const keys = slice(places, 0, 0, all);
  const keyColumns = add(unsqueeze(keys, [0]), filled);
  const shown = unsqueeze(seen(greaterOrEqual(keyColumns, empty)), [1, 2]);
  const causal = greaterOrEqual(unsqueeze(queries, [1]), unsqueeze(keys, [0]));
  const positions = clip(sub(add(unsqueeze(queries, [0]), filled), empty), 0, longest);
  return {
    ...view,
    fresh: where(causal, shown, hiddenFromView),
    positions: cast(positions, "int64"),
  };
}
