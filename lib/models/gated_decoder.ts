import { multiply } from "../graph/dim.ts";
import {
  add,
  asRows,
  gather,
  mul,
  reshape,
  rmsNormalization,
  transpose,
} from "../graph/ops/mod.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type ActivationName, activations } from "./activations.ts";
import type { Architecture, HiddenInputs } from "./architecture.ts";
import { type BlockAttention, matricesUnder, type ModelConfig } from "./backbone.ts";
import type { ConfigJson } from "./config_json.ts";
import { usualFill } from "./initialization.ts";
import { linear } from "./linear.ts";
import type { ParameterShapes } from "./parameters.ts";
import { partNamed, type PartNames } from "./part_names.ts";
import { type Angles, anglesOf, type Rotary, rotate } from "./rotary.ts";

type Float = Tensor<"float32">;

/** A block, and the rotary positions of its queries and keys; without them it knows no positions. */
export interface GatedBlock extends BlockAttention {
  readonly rotary?: Rotary;
}

/**
 * What tells the decoders of Llama and those that followed it from each other: RMS norms, rotary positions, keys and values
 * shared by heads, and a gated feed-forward layer.
 */
export interface GatedConfig extends ModelConfig {
  readonly blocks: readonly GatedBlock[];
  /** Width of the feed-forward layer. */
  readonly inner: number;
  /** ε of the norms. */
  readonly epsilon: number;
  /** Whether the output embedding is the input embedding. */
  readonly tied: boolean;
  readonly activation: ActivationName;
  /** Which linear layers have biases. Default: none. */
  readonly biases?: {
    readonly queryKeyValue?: boolean;
    readonly output?: boolean;
    readonly mlp?: boolean;
  };
  /** Whether every head of queries and keys is normalized. Default false. */
  readonly headNorms?: boolean;
  /** Whether what attention and feed-forward layer give is normalized as well. Default false. */
  readonly normsAround?: boolean;
  /** What is added to the norms' stored factors. Default 0. */
  readonly normOffset?: number;
  /** What embeddings are multiplied by when they are read. Default 1. */
  readonly embeddingScale?: number;
  /** config.json as it was read, which is written again. */
  readonly source: Readonly<Record<string, unknown>>;
}

const embedding = "model.embed_tokens.weight";
const head = "lm_head.weight";

/** An architecture of this kind, of which only config.json has to be read. */
export function gatedDecoder(
  { parse, ...names }:
    & Pick<Architecture<GatedConfig>, "modelTypes" | "title" | "models" | "classes" | "gguf">
    & {
      parse(config: ConfigJson): GatedConfig;
    },
): Architecture<GatedConfig> {
  return {
    ...names,
    parse,
    json: ({ source }) => source,
    blocks: ({ blocks }) => blocks,
    shapes,
    embeddings: ({ tied }) => ({
      inputEmbedding: embedding,
      outputEmbedding: tied ? embedding : head,
    }),
    matrices: (config) => matricesUnder("model.layers.", shapes(config), { transposed: true }),
    hidden,
    fill: ({ normOffset = 0 }, name) => usualFill(name, 1 - normOffset),
    partOf: (name) => partNamed(partNames, name),
  };
}

const partNames: PartNames = [
  [/embed_tokens\./, "token embeddings"],
  [/^model\.layers\.\d+\./, "blocks"],
  [/^model\.norm\./, "final norm"],
  [/^lm_head\./, "output embeddings"],
];

function shapes(config: GatedConfig): ParameterShapes {
  const { vocabulary, width, inner, blocks, tied, biases = {} } = config;
  const shapes = new Map<string, readonly number[]>([[embedding, [vocabulary, width]]]);
  const linear = (name: string, from: number, to: number, bias = false) => {
    shapes.set(`${name}.weight`, [to, from]);
    if (bias) shapes.set(`${name}.bias`, [to]);
  };
  blocks.forEach(({ heads, keyHeads, size }, i) => {
    const block = `model.layers.${i}`;
    shapes.set(`${block}.input_layernorm.weight`, [width]);
    linear(`${block}.self_attn.q_proj`, width, heads * size, biases.queryKeyValue);
    linear(`${block}.self_attn.k_proj`, width, keyHeads * size, biases.queryKeyValue);
    linear(`${block}.self_attn.v_proj`, width, keyHeads * size, biases.queryKeyValue);
    if (config.headNorms) {
      shapes.set(`${block}.self_attn.q_norm.weight`, [size]);
      shapes.set(`${block}.self_attn.k_norm.weight`, [size]);
    }
    linear(`${block}.self_attn.o_proj`, heads * size, width, biases.output);
    shapes.set(`${block}.post_attention_layernorm.weight`, [width]);
    if (config.normsAround) shapes.set(`${block}.pre_feedforward_layernorm.weight`, [width]);
    linear(`${block}.mlp.gate_proj`, width, inner, biases.mlp);
    linear(`${block}.mlp.up_proj`, width, inner, biases.mlp);
    linear(`${block}.mlp.down_proj`, inner, width, biases.mlp);
    if (config.normsAround) shapes.set(`${block}.post_feedforward_layernorm.weight`, [width]);
  });
  shapes.set("model.norm.weight", [width]);
  if (!tied) shapes.set(head, [vocabulary, width]);
  return shapes;
}

/**
 * x ← x + attention(norm x), x ← x + down(act(gate norm x) · up(norm x)) for every block, and a final norm. With norms around,
 * what is added is normalized as well.
 */
function hidden(
  { config, shapes, parameters, ids, positions, attend, through }: HiddenInputs<GatedConfig>,
): Float {
  const { blocks, epsilon, context, activation, normOffset = 0, embeddingScale = 1 } = config;
  const [batch, time] = ids.shape;
  const project = (x: Float, name: string) => linear(shapes, parameters, name, "linear", x);
  const norm = (x: Float, name: string) => {
    const stored = parameters(`${name}.weight`, shapes.get(`${name}.weight`)!);
    return rmsNormalization(x, normOffset === 0 ? stored : add(stored, normOffset), epsilon);
  };
  const angles = new Map<Rotary, Angles>();
  const turned = (x: Float, { rotary }: GatedBlock) => {
    if (!rotary) return x;
    if (!angles.has(rotary)) angles.set(rotary, anglesOf(rotary, positions, time, context));
    return rotate(x, angles.get(rotary)!);
  };

  const read = asRows(gather(parameters(embedding, shapes.get(embedding)!), ids));
  const embedded = embeddingScale === 1 ? read : mul(read, embeddingScale);
  const last = through(embedded, (x, i) => {
    const block = blocks[i];
    const { heads, keyHeads, size } = block;
    const name = `model.layers.${i}`;
    const before = norm(x, `${name}.input_layernorm`);
    const headsOf = (which: "q" | "k" | "v", count: number) => {
      const all = reshape(project(before, `${name}.self_attn.${which}_proj`), [
        batch,
        time,
        count,
        size,
      ]);
      const isNormed = config.headNorms && which !== "v";
      return transpose(
        isNormed ? norm(all, `${name}.self_attn.${which}_norm`) : all,
        [0, 2, 1, 3],
      );
    };
    const query = turned(headsOf("q", heads), block);
    const own = { key: turned(headsOf("k", keyHeads), block), value: headsOf("v", keyHeads) };
    const mixed = transpose(attend(i, query, own), [0, 2, 1, 3]);
    const rows = reshape(mixed, [multiply(batch, time), heads * size]);
    const attended = project(rows, `${name}.self_attn.o_proj`);
    const after = `${name}.post_attention_layernorm`;
    const between = add(x, config.normsAround ? norm(attended, after) : attended);

    const inner = norm(between, config.normsAround ? `${name}.pre_feedforward_layernorm` : after);
    const gate = activations[activation](project(inner, `${name}.mlp.gate_proj`));
    const fed = project(mul(gate, project(inner, `${name}.mlp.up_proj`)), `${name}.mlp.down_proj`);
    return add(between, config.normsAround ? norm(fed, `${name}.post_feedforward_layernorm`) : fed);
  });
  return norm(last, "model.norm");
}

/** What all of them say in the same words. */
export function gatedSizes(config: ConfigJson, { tied }: { tied: boolean }) {
  const vocabulary = config.size("vocab_size");
  const width = config.size("hidden_size");
  const layers = config.blocks("num_hidden_layers");
  const heads = config.size("num_attention_heads");
  const keyHeads = config.size("num_key_value_heads", heads);
  if (heads % keyHeads !== 0) {
    throw new RangeError(
      `${config.where}: num_attention_heads ${heads} is not a multiple of num_key_value_heads ${keyHeads}.`,
    );
  }
  const size = config.size("head_dim", width % heads === 0 ? width / heads : undefined);
  const endOfText = config.token("eos_token_id", vocabulary, config.values.bos_token_id);
  return {
    layers,
    attention: { heads, keyHeads, size, scale: 1 / Math.sqrt(size) },
    shared: {
      vocabulary,
      width,
      context: config.size("max_position_embeddings"),
      bos: config.token("bos_token_id", vocabulary, endOfText),
      endOfText,
      inner: config.size("intermediate_size"),
      epsilon: config.positive("rms_norm_eps", 1e-6),
      tied: config.flag("tie_word_embeddings", tied),
      source: config.values,
    },
  };
}

/** Which blocks see a window only, as `layer_types` says. */
export function slidingLayers(config: ConfigJson, layers: number): readonly boolean[] | undefined {
  const types = config.list("layer_types", layers);
  return types?.map((type, i) => {
    if (type === "full_attention") return false;
    if (type === "sliding_attention") return true;
    throw new TypeError(
      `${config.where} says layer_types[${i}]: ${JSON.stringify(type)}, which is not supported; ` +
        'it must be "full_attention" or "sliding_attention".',
    );
  });
}
