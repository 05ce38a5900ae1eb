import { multiply } from "../graph/dim.ts";
import {
  add,
  asRows,
  gather,
  layerNormalization,
  reshape,
  slice,
  transpose,
} from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type ActivationName, activationNames, activations } from "./activations.ts";
import type { Architecture, HiddenInputs } from "./architecture.ts";
import { type BlockAttention, matricesUnder, type ModelConfig } from "./backbone.ts";
import type { ConfigJson } from "./config_json.ts";
import { usualFill } from "./initialization.ts";
import { linear } from "./linear.ts";
import type { ParameterShapes } from "./parameters.ts";
import { partNamed, type PartNames } from "./part_names.ts";

type Float = Tensor<"float32">;

interface OptConfig extends ModelConfig {
  readonly layers: number;
  readonly attention: BlockAttention;
  /** Width of the feed-forward layer. */
  readonly inner: number;
  readonly tied: boolean;
  readonly activation: ActivationName;
  readonly biased: boolean;
  /** config.json as it was read, which is written again. */
  readonly source: Readonly<Record<string, unknown>>;
}

const embedding = "model.decoder.embed_tokens.weight";
const positionEmbedding = "model.decoder.embed_positions.weight";
const head = "lm_head.weight";

/** The table of positions begins with two rows that nothing reads. */
const offset = 2;

/** OPT (Zhang et al., 2022) without dropout, as Hugging Face's `OPTModel` computes it; the post-norm OPT-350m is another. */
export const opt: Architecture<OptConfig> = {
  modelTypes: ["opt"],
  title: "OPT",
  models: "OPT, but for OPT-350m",
  classes: { languageModel: "OPTForCausalLM", backbone: "OPTModel" },
  parse,
  json: ({ source }) => source,
  blocks: ({ layers, attention }) => Array.from({ length: layers }, () => attention),
  shapes,
  embeddings: ({ tied }) => ({
    inputEmbedding: embedding,
    outputEmbedding: tied ? embedding : head,
  }),
  matrices: (config) =>
    matricesUnder("model.decoder.layers.", shapes(config), { transposed: true }),
  hidden,
  fill: (_config, name) => usualFill(name),
  partOf: (name) => partNamed(partNames, name),
};

function parse(config: ConfigJson): OptConfig {
  const vocabulary = config.size("vocab_size");
  const width = config.size("hidden_size");
  const heads = config.size("num_attention_heads");
  if (width % heads !== 0) {
    throw new RangeError(
      `${config.where}: hidden_size ${width} is not a multiple of num_attention_heads ${heads}.`,
    );
  }
  config.oneOf("do_layer_norm_before", [true, undefined]);
  config.oneOf("_remove_final_layer_norm", [false, undefined]);
  config.oneOf("layer_norm_elementwise_affine", [true, undefined]);
  config.oneOf("word_embed_proj_dim", [width, undefined]);
  const size = width / heads;
  const endOfText = config.token("eos_token_id", vocabulary, 2);
  return {
    vocabulary,
    width,
    context: config.size("max_position_embeddings"),
    bos: config.token("bos_token_id", vocabulary, endOfText),
    endOfText,
    layers: config.blocks("num_hidden_layers"),
    attention: { heads, keyHeads: heads, size, scale: 1 / Math.sqrt(size) },
    inner: config.size("ffn_dim"),
    tied: config.flag("tie_word_embeddings", true),
    activation: config.oneOf("activation_function", [...activationNames, undefined]) ?? "relu",
    biased: config.flag("enable_bias", true),
    source: config.values,
  };
}

function shapes(config: OptConfig): ParameterShapes {
  const { vocabulary, width, context, inner, layers, tied, biased } = config;
  const shapes = new Map<string, readonly number[]>([
    [embedding, [vocabulary, width]],
    [positionEmbedding, [context + offset, width]],
  ]);
  const norm = (name: string) => {
    shapes.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);
  };
  const linear = (name: string, from: number, to: number) => {
    shapes.set(`${name}.weight`, [to, from]);
    if (biased) shapes.set(`${name}.bias`, [to]);
  };
  for (let i = 0; i < layers; i++) {
    const block = `model.decoder.layers.${i}`;
    norm(`${block}.self_attn_layer_norm`);
    for (const name of ["q_proj", "k_proj", "v_proj", "out_proj"]) {
      linear(`${block}.self_attn.${name}`, width, width);
    }
    norm(`${block}.final_layer_norm`);
    linear(`${block}.fc1`, width, inner);
    linear(`${block}.fc2`, inner, width);
  }
  norm("model.decoder.final_layer_norm");
  if (!tied) shapes.set(head, [vocabulary, width]);
  return shapes;
}

/** Token and position embeddings, x ← x + attention(norm x), x ← x + mlp(norm x) for every block, and a final layer norm. */
function hidden(
  { config, shapes, parameters, ids, positions, attend, through }: HiddenInputs<OptConfig>,
): Float {
  const { attention: { heads, size }, width, activation } = config;
  const [batch, time] = ids.shape;
  const get = (name: string) => parameters(name, shapes.get(name)!);
  const project = (x: Float, name: string) => linear(shapes, parameters, name, "linear", x);
  const norm = (x: Float, name: string) =>
    layerNormalization(x, get(`${name}.weight`), get(`${name}.bias`), 1e-5);
  const rows = slice(get(positionEmbedding), 0, offset, config.context + offset);
  const position = positions ? gather(rows, positions) : slice(rows, 0, 0, time);

  const last = through(asRows(add(gather(get(embedding), ids), position)), (x, i) => {
    const name = `model.decoder.layers.${i}`;
    const before = norm(x, `${name}.self_attn_layer_norm`);
    const [query, key, value] = ["q_proj", "k_proj", "v_proj"].map((part) =>
      transpose(
        reshape(project(before, `${name}.self_attn.${part}`), [batch, time, heads, size]),
        [0, 2, 1, 3],
      )
    );
    const mixed = transpose(attend(i, query, { key, value }), [0, 2, 1, 3]);
    const attended = reshape(mixed, [multiply(batch, time), width]);
    const between = add(x, project(attended, `${name}.self_attn.out_proj`));
    const inner = activations[activation](
      project(norm(between, `${name}.final_layer_norm`), `${name}.fc1`),
    );
    return add(between, project(inner, `${name}.fc2`));
  });
  return norm(last, "model.decoder.final_layer_norm");
}

const partNames: PartNames = [
  [/embed_tokens\./, "token embeddings"],
  [/embed_positions\./, "position embeddings"],
  [/^model\.decoder\.layers\.\d+\./, "blocks"],
  [/^model\.decoder\.final_layer_norm\./, "final layer norm"],
  [/^lm_head\./, "output embeddings"],
];
