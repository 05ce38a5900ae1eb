import { multiply } from "../graph/dim.ts";
import {
  add,
  asRows,
  gather,
  geluTanh,
  layerNormalization,
  reshape,
  slice,
  split,
  transpose,
} from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type Architecture, backboneOf, type HiddenInputs } from "./architecture.ts";
import {
  type Backbone,
  type BlockAttention,
  type Fill,
  matricesUnder,
  type ModelConfig,
} from "./backbone.ts";
import type { ConfigJson } from "./config_json.ts";
import { decimal, type GgufForm, ggufName, type GgufNames } from "./gguf_form.ts";
import { linear } from "./linear.ts";
import type { ParameterShapes } from "./parameters.ts";
import { partNamed, type PartNames } from "./part_names.ts";

type Float = Tensor<"float32">;

/** The sizes of a GPT-2 beside those of every model. */
interface Gpt2Config extends ModelConfig {
  /** Number of blocks (`n_layer`). */
  readonly layers: number;
  /** Attention heads of a block (`n_head`). */
  readonly heads: number;
  /** Width of the feed-forward layer (`n_inner`, 4 d where null). */
  readonly inner: number;
  /** ε of the layer norms (`layer_norm_epsilon`). */
  readonly epsilon: number;
}

/** Names in GGUF files. */
const ggufNames: GgufNames = {
  blocks: "h.",
  within: {
    "ln_1": "attn_norm",
    "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
  },
  outside: { "wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm" },
};

/** llama.cpp stores the matrices of the blocks as PyTorch's Linear does, `[columns, inner]`. */
const gguf: GgufForm = {
  name: "gpt2",
  others: { "output.weight": "token_embd.weight" },
  config({ settings }) {
    const width = settings.size("embedding_length");
    const inner = settings.size("feed_forward_length", 4 * width);
    return {
      n_embd: width,
      n_layer: settings.size("block_count"),
      n_head: settings.size("attention.head_count"),
      n_inner: inner === 4 * width ? null : inner,
      n_positions: settings.size("context_length"),
      layer_norm_epsilon: decimal(settings.positive("attention.layer_norm_epsilon")),
      activation_function: "gelu_new",
    };
  },
  parameter(name) {
    const tensor = ggufName(ggufNames, name);
    return tensor === undefined ? undefined : { tensor, transposed: /\.c_\w+\.weight$/.test(name) };
  },
};

const classes = { languageModel: "GPT2LMHeadModel", backbone: "GPT2Model" };

/**
 * GPT-2 (Radford et al., 2019) without dropout, as Hugging Face's `GPT2Model` computes it.
 */
export const gpt2: Architecture<Gpt2Config> = {
  modelTypes: ["gpt2"],
  signature: ["n_embd", "n_head"],
  title: "GPT-2",
  models: "GPT-2, DistilGPT-2, DialoGPT",
  classes,
  module: "transformer",
  gguf,
  parse,
  json,
  blocks: ({ layers, heads, width }) => {
    const size = width / heads;
    const block: BlockAttention = { heads, keyHeads: heads, size, scale: 1 / Math.sqrt(size) };
    return Array.from({ length: layers }, () => block);
  },
  shapes,
  embeddings: () => ({ inputEmbedding: "wte.weight", outputEmbedding: "wte.weight" }),
  matrices: (config) => matricesUnder("h.", shapes(config), { transposed: false }),
  hidden,
  fill,
  partOf: (name) => partNamed(partNames, name),
};

/** The sizes that tell one GPT-2 from another. */
export type Gpt2Sizes =
  & Pick<Gpt2Config, "vocabulary" | "context" | "width" | "layers" | "heads">
  & Partial<Pick<Gpt2Config, "endOfText" | "inner" | "epsilon">>;

/** A GPT-2 of these sizes, the rest as usual; its end of text is its last token where nothing else is said. */
export function gpt2Backbone(sizes: Gpt2Sizes): Backbone {
  const { vocabulary, width, endOfText = vocabulary - 1 } = sizes;
  return backboneOf(gpt2, { bos: endOfText, endOfText, inner: 4 * width, epsilon: 1e-5, ...sizes });
}

/** What config.json may say beside the sizes; any other value means a model that is not this one. */
const required: Record<string, readonly unknown[]> = {
  activation_function: ["gelu_new", "gelu_pytorch_tanh", undefined],
  scale_attn_weights: [true, undefined],
  scale_attn_by_inverse_layer_idx: [false, undefined],
  add_cross_attention: [false, undefined],
  tie_word_embeddings: [true, undefined],
};

function parse(config: ConfigJson): Gpt2Config {
  for (const [key, allowed] of Object.entries(required)) config.oneOf(key, allowed);
  const width = config.size("n_embd");
  const heads = config.size("n_head");
  if (width % heads !== 0) {
    throw new RangeError(`${config.where}: n_embd ${width} is not a multiple of n_head ${heads}.`);
  }
  const vocabulary = config.size("vocab_size");
  const { bos_token_id: bos, n_ctx: context } = config.values;
  const endOfText = config.token("eos_token_id", vocabulary, bos ?? vocabulary - 1);
  return {
    vocabulary,
    context: config.size("n_positions", context),
    width,
    layers: config.blocks("n_layer"),
    heads,
    inner: config.size("n_inner", 4 * width),
    epsilon: config.positive("layer_norm_epsilon", 1e-5),
    bos: config.token("bos_token_id", vocabulary, endOfText),
    endOfText,
  };
}

function json(config: Gpt2Config): Record<string, unknown> {
  return {
    model_type: "gpt2",
    architectures: [classes.languageModel],
    vocab_size: config.vocabulary,
    n_positions: config.context,
    n_ctx: config.context,
    n_embd: config.width,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: config.inner === 4 * config.width ? null : config.inner,
    layer_norm_epsilon: config.epsilon,
    activation_function: "gelu_new",
    resid_pdrop: 0,
    embd_pdrop: 0,
    attn_pdrop: 0,
    scale_attn_weights: true,
    tie_word_embeddings: true,
    bos_token_id: config.bos,
    eos_token_id: config.endOfText,
    torch_dtype: "float32",
  };
}

/** Names and shapes as Hugging Face has them (Conv1D weights are [in, out]). */
function shapes(config: Gpt2Config): ParameterShapes {
  const { vocabulary, context, width, layers, inner } = config;
  const shapes = new Map<string, readonly number[]>([
    ["wte.weight", [vocabulary, width]],
    ["wpe.weight", [context, width]],
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
 * Token and position embeddings, `layers` blocks x ← x + attention(ln₁ x), x ← x + mlp(ln₂ x), and a final layer norm. What
 * comes out at padding is not defined.
 */
function hidden(
  { config, shapes, parameters, ids, positions, attend, through }: HiddenInputs<Gpt2Config>,
): Float {
  const { width, heads } = config;
  const [batch, time] = ids.shape;
  const get = (name: string) => parameters(name, shapes.get(name)!);
  const position = positions
    ? gather(get("wpe.weight"), positions)
    : slice(get("wpe.weight"), 0, 0, time);
  const norm = (x: Float, name: string) =>
    layerNormalization(x, get(`${name}.weight`), get(`${name}.bias`), config.epsilon);
  const project = (x: Float, name: string) => linear(shapes, parameters, name, "conv1d", x);

  const embedded = asRows(add(gather(get("wte.weight"), ids), position));
  const last = through(embedded, (x, i) => {
    const qkv = project(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`);
    const [query, key, value] = split(qkv, 1, 3).map((part) =>
      transpose(reshape(part, [batch, time, heads, width / heads]), [0, 2, 1, 3])
    );
    const mixed = transpose(attend(i, query, { key, value }), [0, 2, 1, 3]);
    const rows = reshape(mixed, [multiply(batch, time), width]);
    const between = add(x, project(rows, `h.${i}.attn.c_proj`));
    const inner = geluTanh(project(norm(between, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`));
    return add(between, project(inner, `h.${i}.mlp.c_proj`));
  });
  return norm(last, "ln_f");
}

/** What a parameter is part of, by its name. */
const partNames: PartNames = [
  [/^wte\./, "token embeddings"],
  [/^wpe\./, "position embeddings"],
  [/^h\.\d+\./, "blocks"],
  [/^ln_f\./, "final layer norm"],
];

/**
 * N(0, 0.02²), layer norms 1, biases 0, and the output projection of every block's two branches scaled by
 * 1/√(2 · layers).
 */
function fill({ layers }: Gpt2Config, name: string): Fill {
  if (/(^|\.)ln_\w+\.weight$/.test(name)) return { mean: 1, deviation: 0 };
  if (name.endsWith(".bias")) return { mean: 0, deviation: 0 };
  const isResidual = name.endsWith("c_proj.weight");
  return { mean: 0, deviation: 0.02 * (isResidual ? 1 / Math.sqrt(2 * layers) : 1) };
}
