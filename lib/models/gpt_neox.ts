import { multiply } from "../graph/dim.ts";
import {
  add,
  asRows,
  gather,
  layerNormalization,
  reshape,
  split,
  transpose,
} from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type ActivationName, activationNames, activations } from "./activations.ts";
import type { Architecture, HiddenInputs } from "./architecture.ts";
import { type BlockAttention, matricesUnder, type ModelConfig } from "./backbone.ts";
import type { ConfigJson } from "./config_json.ts";
import { usualFill } from "./initialization.ts";
import { decimal, type GgufForm, ggufName, type GgufNames } from "./gguf_form.ts";
import { linear } from "./linear.ts";
import type { ParameterShapes } from "./parameters.ts";
import { partNamed, type PartNames } from "./part_names.ts";
import { anglesOf, readRotary, type Rotary, rotate } from "./rotary.ts";

type Float = Tensor<"float32">;

interface GptNeoxConfig extends ModelConfig {
  readonly layers: number;
  readonly attention: BlockAttention;
  readonly rotary: Rotary;
  /** Width of the feed-forward layer. */
  readonly inner: number;
  /** ε of the layer norms. */
  readonly epsilon: number;
  readonly tied: boolean;
  readonly activation: ActivationName;
  /** Whether attention and feed-forward layer read the same x. */
  readonly parallel: boolean;
  readonly biased: boolean;
  /** config.json as it was read, which is written again. */
  readonly source: Readonly<Record<string, unknown>>;
}

const embedding = "gpt_neox.embed_in.weight";
const head = "embed_out.weight";

/** Names in GGUF files. */
const ggufNames: GgufNames = {
  blocks: "gpt_neox.layers.",
  within: {
    "input_layernorm": "attn_norm",
    "attention.query_key_value": "attn_qkv",
    "attention.dense": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.dense_h_to_4h": "ffn_up",
    "mlp.dense_4h_to_h": "ffn_down",
  },
  outside: {
    "gpt_neox.embed_in": "token_embd",
    "gpt_neox.final_layer_norm": "output_norm",
    "embed_out": "output",
  },
};

/** llama.cpp stores all queries, then all keys, then all values, where Hugging Face has those of a head together. */
const gguf: GgufForm = {
  name: "gptneox",
  config(model) {
    const { settings } = model;
    const width = settings.size("embedding_length");
    const heads = settings.size("attention.head_count");
    return {
      hidden_size: width,
      num_hidden_layers: settings.size("block_count"),
      num_attention_heads: heads,
      intermediate_size: settings.size("feed_forward_length"),
      max_position_embeddings: settings.size("context_length"),
      layer_norm_eps: decimal(settings.positive("attention.layer_norm_epsilon")),
      rotary_emb_base: decimal(settings.positive("rope.freq_base", 1e4)),
      rotary_pct: settings.size("rope.dimension_count") / (width / heads),
      use_parallel_residual: settings.flag("use_parallel_residual", true),
      hidden_act: "gelu",
      tie_word_embeddings: !model.has("output.weight"),
    };
  },
  parameter(name, config) {
    const tensor = ggufName(ggufNames, name);
    if (tensor === undefined) return undefined;
    if (!name.includes(".query_key_value.")) return { tensor };
    const width = Number(config.hidden_size);
    const size = width / Number(config.num_attention_heads);
    return {
      tensor,
      row(row) {
        const [head, which] = [Math.floor(row / (3 * size)), Math.floor(row / size) % 3];
        return which * width + head * size + row % size;
      },
    };
  },
};

/** GPT-NeoX (Black et al., 2022) and Pythia without dropout, as Hugging Face's `GPTNeoXModel` computes it. */
export const gptNeox: Architecture<GptNeoxConfig> = {
  modelTypes: ["gpt_neox"],
  title: "GPT-NeoX",
  models: "GPT-NeoX, Pythia",
  classes: { languageModel: "GPTNeoXForCausalLM", backbone: "GPTNeoXModel" },
  gguf,
  parse,
  json: ({ source }) => source,
  blocks: ({ layers, attention }) => Array.from({ length: layers }, () => attention),
  shapes,
  embeddings: ({ tied }) => ({
    inputEmbedding: embedding,
    outputEmbedding: tied ? embedding : head,
  }),
  matrices: (config) => matricesUnder("gpt_neox.layers.", shapes(config), { transposed: true }),
  hidden,
  fill: (_config, name) => usualFill(name),
  partOf: (name) => partNamed(partNames, name),
};

function parse(config: ConfigJson): GptNeoxConfig {
  const vocabulary = config.size("vocab_size");
  const width = config.size("hidden_size");
  const heads = config.size("num_attention_heads");
  if (width % heads !== 0) {
    throw new RangeError(
      `${config.where}: hidden_size ${width} is not a multiple of num_attention_heads ${heads}.`,
    );
  }
  const size = width / heads;
  const endOfText = config.token("eos_token_id", vocabulary, config.values.bos_token_id);
  return {
    vocabulary,
    width,
    context: config.size("max_position_embeddings"),
    bos: config.token("bos_token_id", vocabulary, endOfText),
    endOfText,
    layers: config.blocks("num_hidden_layers"),
    attention: { heads, keyHeads: heads, size, scale: 1 / Math.sqrt(size) },
    rotary: readRotary(config, size, {
      theta: "rotary_emb_base",
      partial: "rotary_pct",
      defaultPartial: 0.25,
    }),
    inner: config.size("intermediate_size"),
    epsilon: config.positive("layer_norm_eps", 1e-5),
    tied: config.flag("tie_word_embeddings", false),
    activation: config.oneOf("hidden_act", [...activationNames, undefined]) ?? "gelu",
    parallel: config.flag("use_parallel_residual", true),
    biased: config.flag("attention_bias", true),
    source: config.values,
  };
}

function shapes(config: GptNeoxConfig): ParameterShapes {
  const { vocabulary, width, inner, layers, tied, biased } = config;
  const shapes = new Map<string, readonly number[]>([[embedding, [vocabulary, width]]]);
  const norm = (name: string) => {
    shapes.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);
  };
  const linear = (name: string, from: number, to: number, bias = true) => {
    shapes.set(`${name}.weight`, [to, from]);
    if (bias) shapes.set(`${name}.bias`, [to]);
  };
  for (let i = 0; i < layers; i++) {
    const block = `gpt_neox.layers.${i}`;
    norm(`${block}.input_layernorm`);
    linear(`${block}.attention.query_key_value`, width, 3 * width, biased);
    linear(`${block}.attention.dense`, width, width, biased);
    norm(`${block}.post_attention_layernorm`);
    linear(`${block}.mlp.dense_h_to_4h`, width, inner);
    linear(`${block}.mlp.dense_4h_to_h`, inner, width);
  }
  norm("gpt_neox.final_layer_norm");
  if (!tied) shapes.set(head, [vocabulary, width]);
  return shapes;
}

/** x ← x + attention(norm₁ x) + mlp(norm₂ x) for every block, both of the same x where they are parallel, and a final layer norm. */
function hidden(
  { config, shapes, parameters, ids, positions, attend, through }: HiddenInputs<GptNeoxConfig>,
): Float {
  const { attention: { heads, size }, width, context, epsilon, activation } = config;
  const [batch, time] = ids.shape;
  const get = (name: string) => parameters(name, shapes.get(name)!);
  const project = (x: Float, name: string) => linear(shapes, parameters, name, "linear", x);
  const norm = (x: Float, name: string) =>
    layerNormalization(x, get(`${name}.weight`), get(`${name}.bias`), epsilon);
  const angles = anglesOf(config.rotary, positions, time, context);

  const last = through(asRows(gather(get(embedding), ids)), (x, i) => {
    const name = `gpt_neox.layers.${i}`;
    // query, key and value of a head lie side by side
    const all = reshape(
      project(norm(x, `${name}.input_layernorm`), `${name}.attention.query_key_value`),
      [batch, time, heads, 3 * size],
    );
    const [query, key, value] = split(all, 3, 3).map((part) => transpose(part, [0, 2, 1, 3]));
    const own = { key: rotate(key, angles), value };
    const mixed = transpose(attend(i, rotate(query, angles), own), [0, 2, 1, 3]);
    const rows = reshape(mixed, [multiply(batch, time), width]);
    const attended = add(x, project(rows, `${name}.attention.dense`));
    const read = norm(config.parallel ? x : attended, `${name}.post_attention_layernorm`);
    const inner = activations[activation](project(read, `${name}.mlp.dense_h_to_4h`));
    return add(attended, project(inner, `${name}.mlp.dense_4h_to_h`));
  });
  return norm(last, "gpt_neox.final_layer_norm");
}

const partNames: PartNames = [
  [/^gpt_neox\.embed_in\./, "token embeddings"],
  [/^gpt_neox\.layers\.\d+\./, "blocks"],
  [/^gpt_neox\.final_layer_norm\./, "final layer norm"],
  [/^embed_out\./, "output embeddings"],
];
