import fc from "fast-check";
import { constant } from "../../lib/graph/tensor.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import { parseBackbone } from "../../lib/models/architectures.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import type { Parameters } from "../../lib/models/parameters.ts";
import { Random } from "../../lib/random.ts";

/** Small GPT-2s of every kind of size. */
export const gpt2Backbones: fc.Arbitrary<Backbone> = fc.record({
  vocabulary: fc.integer({ min: 2, max: 30 }),
  context: fc.integer({ min: 12, max: 16 }),
  heads: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 2, max: 6 }),
  layers: fc.integer({ min: 1, max: 3 }),
  inner: fc.integer({ min: 3, max: 20 }),
  epsilon: fc.constantFrom(1e-5, 1e-3),
}).map(({ size, ...rest }) => gpt2Backbone({ ...rest, width: rest.heads * size }));

/** What the config.json of the other architectures says beside what they have in common. */
const settings: Readonly<Record<string, Record<string, unknown>>> = {
  llama: {
    tie_word_embeddings: true,
    rope_scaling: {
      rope_type: "llama3",
      factor: 4,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 6,
    },
  },
  mistral: { sliding_window: 3 },
  qwen2: { tie_word_embeddings: true },
  qwen3: { head_dim: 10 },
  smollm3: { no_rope_layer_interval: 2 },
  gemma3_text: { head_dim: 8, sliding_window: 4, sliding_window_pattern: 2 },
  gpt_neox: { rotary_pct: 0.5 },
  opt: { ffn_dim: 20 },
};

/** The model types of the architectures beside GPT-2. */
export const otherModelTypes: readonly string[] = Object.keys(settings);

/** A small model of an architecture beside GPT-2. */
export function smallBackbone(
  modelType: string,
  { vocabulary = 23, layers = 2, context = 16 } = {},
): Backbone {
  return parseBackbone({
    model_type: modelType,
    vocab_size: vocabulary,
    hidden_size: 24,
    num_hidden_layers: layers,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    intermediate_size: 20,
    max_position_embeddings: context,
    bos_token_id: 1,
    eos_token_id: vocabulary - 1,
    ...settings[modelType],
  }, modelType);
}

/** Small backbones of every architecture. */
export const backbones: fc.Arbitrary<Backbone> = fc.oneof(
  gpt2Backbones,
  fc.record({
    modelType: fc.constantFrom(...otherModelTypes),
    layers: fc.integer({ min: 1, max: 3 }),
  }).map(({ modelType, layers }) => smallBackbone(modelType, { layers })),
);

/** Random parameters of a backbone, as constants of the graph. */
export function randomParametersOf(backbone: Backbone, seed: number): Parameters {
  const random = new Random(seed, "random backbone");
  const values = new Map([...backbone.shapes].map(([name, shape]) => {
    const { mean } = backbone.fill(name);
    const size = shape.reduce((product, extent) => product * extent, 1);
    return [name, Float32Array.from({ length: size }, () => mean + 0.4 * random.normal())];
  }));
  return (name, shape) => constant("float32", shape, values.get(name)!);
}

/** Texts of 1 … `longest` tokens. */
export const textsOf = (
  { vocabulary }: Backbone,
  texts: { minLength?: number; maxLength?: number },
  longest = 6,
): fc.Arbitrary<number[][]> =>
  fc.array(
    fc.array(fc.nat({ max: vocabulary - 1 }), { minLength: 1, maxLength: longest }),
    { minLength: 1, maxLength: 4, ...texts },
  );
