import { decimal, type GgufForm, type GgufModel, ggufName, type GgufNames } from "./gguf_form.ts";

/** What tells the decoders of Llama's kind from each other in GGUF files. */
export interface GatedGguf {
  /** What `general.architecture` says. */
  readonly name: string;
  /** Whether the rows of queries and keys are ordered for pairs of neighbours, and not of halves. Default false. */
  readonly pairsNeighbours?: boolean;
  /** What the converter adds to the factors of norms. Default 0. */
  readonly normOffset?: number;
  /** Whether there are norms behind attention and feed-forward layer as well. Default false. */
  readonly normsAround?: boolean;
  /** What config.json says beside that of all of them. Default: nothing. */
  readonly more?: (model: GgufModel) => Readonly<Record<string, unknown>>;
}

/** How llama.cpp writes the decoders of Llama's kind. */
export function gatedGguf(
  { name, pairsNeighbours = false, normOffset = 0, normsAround = false, more }: GatedGguf,
): GgufForm {
  const names = namesOf(normsAround);
  return {
    name,
    others: { "rope_freqs.weight": null },
    config: (model) => ({ ...gatedConfig(model), ...more?.(model) }),
    parameter(parameter, config) {
      const tensor = ggufName(names, parameter);
      if (tensor === undefined) return undefined;
      const added = /norm\.weight$/.test(parameter) ? normOffset : 0;
      const [, which] = /\.self_attn\.([qk])_proj\./.exec(parameter) ?? [];
      if (!pairsNeighbours || which === undefined) return { tensor, added };
      const size = Number(config.head_dim);
      return { tensor, added, row: (row) => neighbourOf(row, size) };
    },
  };
}

function namesOf(normsAround: boolean): GgufNames {
  return {
    blocks: "model.layers.",
    within: {
      "input_layernorm": "attn_norm",
      "self_attn.q_proj": "attn_q",
      "self_attn.k_proj": "attn_k",
      "self_attn.v_proj": "attn_v",
      "self_attn.o_proj": "attn_output",
      "self_attn.q_norm": "attn_q_norm",
      "self_attn.k_norm": "attn_k_norm",
      "mlp.gate_proj": "ffn_gate",
      "mlp.up_proj": "ffn_up",
      "mlp.down_proj": "ffn_down",
      ...(normsAround
        ? {
          "post_attention_layernorm": "post_attention_norm",
          "pre_feedforward_layernorm": "ffn_norm",
          "post_feedforward_layernorm": "post_ffw_norm",
        }
        : { "post_attention_layernorm": "ffn_norm" }),
    },
    outside: {
      "model.embed_tokens": "token_embd",
      "model.norm": "output_norm",
      "lm_head": "output",
    },
  };
}

/** The rows x_i and x_(i + n) of a head stand side by side. */
function neighbourOf(row: number, size: number): number {
  const [head, within] = [Math.floor(row / size), row % size];
  const half = size / 2;
  return head * size + (within < half ? 2 * within : 2 * (within - half) + 1);
}

function gatedConfig(model: GgufModel): Readonly<Record<string, unknown>> {
  const { settings } = model;
  settings.oneOf("expert_count", [undefined, 0]);
  const width = settings.size("embedding_length");
  const heads = settings.size("attention.head_count");
  const turned = settings.values["rope.dimension_count"] ?? width / heads;
  const size = settings.size("attention.key_length", turned);
  settings.oneOf("attention.value_length", [size, undefined]);
  settings.oneOf("rope.dimension_count", [size, undefined]);
  const scaling = scalingOf(model, size);
  return {
    hidden_size: width,
    num_hidden_layers: settings.size("block_count"),
    num_attention_heads: heads,
    num_key_value_heads: settings.size("attention.head_count_kv", heads),
    head_dim: size,
    intermediate_size: settings.size("feed_forward_length"),
    max_position_embeddings: settings.size("context_length"),
    rms_norm_eps: decimal(settings.positive("attention.layer_norm_rms_epsilon")),
    rope_theta: decimal(settings.positive("rope.freq_base", 1e4)),
    tie_word_embeddings: !model.has("output.weight"),
    hidden_act: "silu",
    attention_bias: model.has("blk.0.attn_q.bias"),
    ...(scaling && { rope_scaling: scaling }),
  };
}

function scalingOf({ settings, ropeFactors }: GgufModel, size: number) {
  if (ropeFactors) return llama3Scaling(ropeFactors, size, settings.positive("rope.freq_base"));
  const type = settings.oneOf("rope.scaling.type", [undefined, "none", "linear"]);
  const isScaled = type === "linear" ||
    type === undefined && settings.values["rope.scaling.factor"] !== undefined;
  return isScaled
    ? { rope_type: "linear", factor: decimal(settings.positive("rope.scaling.factor")) }
    : undefined;
}

/** The settings of Llama 3.1's scaling that there are: the file has only what they do to each frequency. */
const llama3Settings = [8, 16, 32].map((factor) => ({
  rope_type: "llama3",
  factor,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
}));

function llama3Scaling(factors: Float32Array, size: number, theta: number) {
  const found = llama3Settings.find((settings) => {
    const { factor, low_freq_factor: low, high_freq_factor: high } = settings;
    const original = settings.original_max_position_embeddings;
    return factors.length === size / 2 && factors.every((stored, i) => {
      const wavelength = 2 * Math.PI * theta ** (2 * i / size);
      const smooth = (original / wavelength - low) / (high - low);
      const expected = wavelength < original / high
        ? 1
        : wavelength > original / low
        ? factor
        : 1 / ((1 - smooth) / factor + smooth);
      return Math.abs(stored - expected) <= 1e-3 * expected;
    });
  });
  if (found) return found;
  throw new TypeError(
    "rope_freqs.weight scales rotary positions in another way than Llama 3.1 does, which is not supported.",
  );
}
