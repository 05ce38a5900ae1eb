import { multiply, plus } from "../graph/dim.ts";
import {
  add,
  asRows,
  concat,
  gather,
  geluTanh,
  gemm,
  greaterOrEqual,
  layerNormalization,
  matmul,
  mul,
  quantizedMatmul,
  reshape,
  slice,
  softmax,
  split,
  sub,
  transpose,
  unsqueeze,
  where,
} from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Gpt2Config } from "./gpt2_config.ts";
import { linear } from "./linear.ts";
import type { Parameters, ParameterShapes } from "./parameters.ts";
import { places } from "./places.ts";

type Float = Tensor<"float32">;

/** Keys and values of one block, `[batch, heads, past, d / heads]` each. */
export interface LayerCache {
  readonly key: Float;
  readonly value: Float;
}

export interface BackboneInputs {
  /** Token ids, `[batch, time]`. */
  readonly ids: Tensor<"int64">;
  /** 1 where a token may be attended to, 0 where it is padding: `[batch, time]`, or `[batch, past+time]` with a cache. */
  readonly mask: Float;
  /** The position of each token, `[batch, time]`. Default: 0 … time − 1. */
  readonly positions?: Tensor<"int64">;
  /** Keys and values of the tokens before, one entry a block. Default: none. */
  readonly past?: readonly LayerCache[];
}

export interface BackboneOutputs {
  /** The last hidden state h after the final layer norm, tokens as rows: `[batch·time, d]`. */
  readonly hidden: Float;
  /** Keys and values of all tokens so far, one entry a block. */
  readonly present: readonly LayerCache[];
}

/** The names and shapes of GPT-2's parameters, as Hugging Face has them (Conv1D weights are [in, out]). */
export function gpt2Shapes(config: Gpt2Config): ParameterShapes {
  const { vocabulary, positions, width, layers, inner } = config;
  const shapes = new Map<string, readonly number[]>([
    ["wte.weight", [vocabulary, width]],
    ["wpe.weight", [positions, width]],
  ]);
  const norm = (name: string) => {
    shapes.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);
  };
  const linear = (name: string, from: number, to: number) => {
    shapes.set(`${name}.weight`, [from, to]).set(`${name}.bias`, [to]);
  };
  for (let i = 0; i < layers; i++) {
    norm(`h.${i}.ln_1`);
    linear(`h.${i}.attn.c_attn`, width, 3 * width);
    linear(`h.${i}.attn.c_proj`, width, width);
    norm(`h.${i}.ln_2`);
    linear(`h.${i}.mlp.c_fc`, width, inner);
    linear(`h.${i}.mlp.c_proj`, inner, width);
  }
  norm("ln_f");
  return shapes;
}

/**
 * The GPT-2 backbone (Radford et al., 2019) without dropout, as Hugging Face's `GPT2Model` computes it:
 * token and position embeddings, `layers` blocks x ← x + attention(ln₁ x), x ← x + mlp(ln₂ x), and a
 * final layer norm. What comes out at padding is not defined.
 */
export function gpt2(
  config: Gpt2Config,
  parameters: Parameters,
  { ids, mask, positions, past }: BackboneInputs,
): BackboneOutputs {
  const bias = attentionBias(config, mask, ids, past?.[0]);
  const present: LayerCache[] = [];
  const hidden = blocks(config, parameters, ids, positions, (layer, query, own) => {
    const cache = past
      ? {
        key: concat([past[layer].key, own.key], 2),
        value: concat([past[layer].value, own.value], 2),
      }
      : own;
    present.push(cache);
    const weights = softmax(add(attentionScores(query, cache.key), bias));
    return matmul(weights, cache.value);
  });
  return { hidden, present };
}

/** What attention makes of the queries of a block, given the keys and values of the same tokens: all `[batch, heads, time, d / heads]`. */
export type Attend = (layer: number, query: Float, own: LayerCache) => Float;

/** The backbone with any way to attend: `[batch, time]` tokens → hidden states `[batch·time, d]` after the final layer norm. */
export function blocks(
  config: Gpt2Config,
  parameters: Parameters,
  ids: Tensor<"int64">,
  positions: Tensor<"int64"> | undefined,
  attend: Attend,
): Float {
  const { width, heads } = config;
  const [batch, time] = ids.shape;
  const shapes = gpt2Shapes(config);
  const get = (name: string) => parameters(name, shapes.get(name)!);
  const position = positions
    ? gather(get("wpe.weight"), positions)
    : slice(get("wpe.weight"), 0, 0, time);
  const norm = (x: Float, name: string) =>
    layerNormalization(x, get(`${name}.weight`), get(`${name}.bias`), config.epsilon);
  const project = (x: Float, name: string) =>
    linear(parameters, name, shapes.get(`${name}.weight`)!, x);

  let x = asRows(add(gather(get("wte.weight"), ids), position));
  for (let i = 0; i < config.layers; i++) {
    const qkv = project(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`);
    const [query, key, value] = split(qkv, 1, 3).map((part) =>
      transpose(reshape(part, [batch, time, heads, width / heads]), [0, 2, 1, 3])
    );
    const mixed = transpose(attend(i, query, { key, value }), [0, 2, 1, 3]);
    const rows = reshape(mixed, [multiply(batch, time), width]);
    x = add(x, project(rows, `h.${i}.attn.c_proj`));
    const inner = geluTanh(project(norm(x, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`));
    x = add(x, project(inner, `h.${i}.mlp.c_proj`));
  }
  return norm(x, "ln_f");
}

/** q kᵀ / √(d / heads): `[batch, heads, time, size]`, `[batch, heads, columns, size]` → `[batch, heads, time, columns]`. */
export function attentionScores(query: Float, key: Float): Float {
  return matmul(query, key, { transposeB: true, alpha: 1 / Math.sqrt(Number(query.shape[3])) });
}

/** A quantized model keeps the tied embedding once more in few bits under this name: as rows, it is looked up in float32. */
export const quantizedHead = "lm_head.weight";

/** Language-model logits with the tied embedding, z = h · wteᵀ: `[rows, d]` → `[rows, vocab]`. */
export function languageModelHead(
  config: Gpt2Config,
  parameters: Parameters,
  hidden: Float,
): Float {
  const { vocabulary, width } = config;
  const quantized = parameters.quantized?.(quantizedHead, [width, vocabulary]);
  return quantized
    ? quantizedMatmul(hidden, quantized)
    : gemm(hidden, parameters("wte.weight", [vocabulary, width]), { transposeB: true });
}

/** Finite, so that a row that sees nothing (a query at left padding) stays free of NaN. */
export const hiddenFromView = -1e9;

/** What is added to attention scores, `[batch, 1, time, past+time]`: 0 where a query sees a key, −10⁹ elsewhere. */
function attentionBias(
  config: Gpt2Config,
  mask: Float,
  ids: Tensor<"int64">,
  past: LayerCache | undefined,
): Float {
  const [, time] = ids.shape;
  const before = past?.key.shape[2] ?? 0;
  const all = plus(before, time);
  const positions = places(config.positions);
  const queries = unsqueeze(slice(positions, 0, before, all), [1]);
  const keys = unsqueeze(slice(positions, 0, 0, all), [0]);
  const padding = mul(sub(mask, 1), -hiddenFromView);
  return where(greaterOrEqual(queries, keys), unsqueeze(padding, [1, 2]), hiddenFromView);
}
