import { architectures, parseBackbone } from "../../../lib/models/architectures.ts";
import type { Backbone } from "../../../lib/models/backbone.ts";
import { ConfigJson } from "../../../lib/models/config_json.ts";
import { Random } from "../../../lib/random.ts";
import { blockTypes } from "../../../lib/weights/gguf/block_types.ts";
import { floatTensor, type Metadatum, type TensorBytes } from "./gguf_bytes.ts";

/** A byte-level tokenizer of some tokens, the first of them the end of text. */
export function byteLevelTokenizer(tokens: readonly string[], merges: readonly string[]) {
  return {
    "tokenizer.ggml.model": ["text", "gpt2"],
    "tokenizer.ggml.pre": ["text", "gpt-2"],
    "tokenizer.ggml.tokens": ["texts", tokens],
    "tokenizer.ggml.token_type": ["i32s", tokens.map((_, i) => i === 0 ? 3 : 1)],
    "tokenizer.ggml.merges": ["texts", merges],
    "tokenizer.ggml.bos_token_id": ["u32", 0],
    "tokenizer.ggml.eos_token_id": ["u32", 0],
  } as const satisfies Record<string, Metadatum>;
}

/** A tokenizer of 23 tokens, most of them letters. */
export const letters = byteLevelTokenizer(
  ["<|endoftext|>", ...["Ġ", ..."abcdefghijklmnopqrst"], "Ġa"],
  ["Ġ a"],
);

/** The metadata of an architecture's small models, without its name before them. */
const smallSettings: Readonly<Record<string, Record<string, Metadatum>>> = {
  llama: { "attention.layer_norm_rms_epsilon": ["f32", 1e-6] },
  qwen2: { "attention.layer_norm_rms_epsilon": ["f32", 1e-6] },
  qwen3: {
    "attention.layer_norm_rms_epsilon": ["f32", 1e-6],
    "attention.key_length": ["u32", 10],
    "attention.value_length": ["u32", 10],
  },
  smollm3: { "attention.layer_norm_rms_epsilon": ["f32", 1e-6] },
  gemma3: {
    "attention.layer_norm_rms_epsilon": ["f32", 1e-6],
    "attention.key_length": ["u32", 8],
    "attention.sliding_window": ["u32", 4],
  },
  gpt2: { "attention.layer_norm_epsilon": ["f32", 1e-5] },
  gptneox: {
    "attention.layer_norm_epsilon": ["f32", 1e-5],
    "rope.dimension_count": ["u32", 4],
  },
};

/** The metadata of a small model. */
export function smallMetadata(name: string, { width = 32 } = {}): Record<string, Metadatum> {
  const usual: Record<string, Metadatum> = {
    "block_count": ["u32", 2],
    "embedding_length": ["u32", width],
    "attention.head_count": ["u32", 4],
    "attention.head_count_kv": ["u32", 2],
    "feed_forward_length": ["u32", 2 * width],
    "context_length": ["u32", 16],
  };
  const own = Object.entries({ ...usual, ...smallSettings[name] });
  return {
    "general.architecture": ["text", name],
    ...Object.fromEntries(own.map(([key, value]) => [`${name}.${key}`, value])),
    ...letters,
  };
}

/** A small model, its values, and the tensors that llama.cpp's converter makes of them: what `GgufForm` undoes is done. */
export function smallModel(name: string, sizes: { width?: number } = {}): {
  readonly backbone: Backbone;
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly tensors: Record<string, TensorBytes>;
} {
  const { gguf, modelTypes } = architectures.find(({ gguf }) => gguf?.name === name)!;
  const plain = Object.entries(smallMetadata(name, sizes)).map(([key, [, value]]) =>
    [key.slice(name.length + 1), value] as const
  );
  const settings = new ConfigJson(Object.fromEntries(plain), name);
  const config = {
    model_type: modelTypes[0],
    vocab_size: 23,
    bos_token_id: 0,
    eos_token_id: 0,
    ...gguf!.config({ settings, vocabulary: 23, has: () => false }),
  };
  const backbone = parseBackbone(config, name);
  const values = randomValues(backbone, 1);
  const tensors = [...backbone.shapes].map(([parameter, shape]) => {
    const { tensor, row = (row) => row, transposed, added = 0 } = gguf!.parameter(
      parameter,
      config,
    )!;
    const [rows, columns] = shape.length === 1 ? [shape[0], 1] : shape;
    const floats = new Float32Array(rows * columns);
    values.get(parameter)!.forEach((value, i) => {
      const [r, c] = [Math.floor(i / columns), i % columns];
      floats[transposed ? c * rows + r : row(r) * columns + c] = value + added;
    });
    return [tensor, floatTensor(transposed ? shape.toReversed() : shape, floats)] as const;
  });
  return { backbone, values, tensors: Object.fromEntries(tensors) };
}

/** Random values for the parameters of a model. */
function randomValues({ shapes }: Backbone, seed: number): Map<string, Float32Array> {
  const random = new Random(seed, "gguf");
  return new Map([...shapes].map(([name, shape]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return [name, Float32Array.from({ length }, () => Math.fround(0.3 * random.normal()))];
  }));
}

/** Random blocks of a type, whose steps and offsets are small numbers. */
export function randomBlocks(type: keyof typeof blockTypes, count: number, seed: number) {
  const random = new Random(seed, "blocks");
  const { bytes } = blockTypes[type];
  const blocks = Uint8Array.from(
    { length: bytes * count },
    () => Math.floor(256 * random.uniform()),
  );
  // 0.02 and 0.01 in float16, where the type has a step and an offset
  const steps: Partial<Record<keyof typeof blockTypes, readonly number[]>> = {
    Q4_1: [0, 2],
    Q5_1: [0, 2],
    Q4_K: [0, 2],
    Q5_K: [0, 2],
    Q6_K: [208],
  };
  for (let block = 0; block < count; block++) {
    for (const at of steps[type] ?? [0]) blocks.set([0x1f, 0x25], block * bytes + at);
  }
  return blocks;
}
